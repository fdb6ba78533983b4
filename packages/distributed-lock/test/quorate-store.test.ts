import { startLocalKv } from "@quorate/kv/local";
import { coordinationStoreCompliance } from "../src/compliance/index.ts";
import { createQuorateStore } from "../src/quorate/index.ts";

coordinationStoreCompliance("the store on @quorate/kv", async () => {
  const kv = await startLocalKv({ minLeaseTtlSeconds: 1 });
  const stores: AsyncDisposable[] = [];
  return {
    minTtlMs: 1_000,
    connect: async () => {
      const store = createQuorateStore(await kv.client());
      stores.push(store);
      return store;
    },
    stop: async () => {
      for (const store of stores) await store[Symbol.asyncDispose]();
      await kv[Symbol.asyncDispose]();
    },
  };
});

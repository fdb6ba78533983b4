import { afterAll, beforeAll, describe } from "vitest";
import { coordinationStoreCompliance } from "../src/compliance/index.ts";
import { createZooKeeperStore } from "../src/zookeeper/index.ts";
import { NO_ZOOKEEPER, startZooKeeper, type ZooKeeperServer } from "./servers/zookeeper-server.ts";

const leftOut = NO_ZOOKEEPER ? `: left out, ${NO_ZOOKEEPER}` : "";

describe.skipIf(NO_ZOOKEEPER)(`on a real ZooKeeper${leftOut}`, () => {
  let server: ZooKeeperServer;
  beforeAll(async () => void (server = await startZooKeeper()));
  afterAll(() => server.stop());

  coordinationStoreCompliance("the store on ZooKeeper", async () => {
    const stores: (AsyncDisposable & { close(): Promise<void> })[] = [];
    return {
      minTtlMs: 600,
      connect: async () => {
        const store = createZooKeeperStore(server.connect);
        stores.push(store);
        return store;
      },
      stop: async () => {
        for (const store of stores) await store.close();
      },
    };
  });
});

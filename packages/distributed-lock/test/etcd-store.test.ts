import { afterAll, beforeAll, describe } from "vitest";
import { coordinationStoreCompliance } from "../src/compliance/index.ts";
import { createEtcdStore } from "../src/etcd/index.ts";
import { type EtcdServer, NO_ETCD, startEtcd } from "./servers/etcd-server.ts";

describe.skipIf(NO_ETCD)(`on a real etcd${NO_ETCD ? `: left out, ${NO_ETCD}` : ""}`, () => {
  let server: EtcdServer;
  beforeAll(async () => void (server = await startEtcd()));
  afterAll(() => server.stop());

  coordinationStoreCompliance("the store on etcd", async () => {
    const opened: (() => Promise<void>)[] = [];
    return {
      minTtlMs: 1_000,
      connect: async () => {
        const client = server.client();
        const store = createEtcdStore(client);
        opened.push(async () => {
          await store.close();
          client.close();
        });
        return store;
      },
      stop: async () => {
        for (const close of opened) await close();
      },
    };
  });
});

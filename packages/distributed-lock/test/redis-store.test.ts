import { createClient } from "redis";
import { afterAll, beforeAll, describe } from "vitest";
import { coordinationStoreCompliance } from "../src/compliance/index.ts";
import { createRedisStore } from "../src/redis/index.ts";
import { NO_REDIS, type RedisServer, startRedis } from "./servers/redis-server.ts";

describe.skipIf(NO_REDIS)(`on a real Redis${NO_REDIS ? `: left out, ${NO_REDIS}` : ""}`, () => {
  let server: RedisServer;
  beforeAll(async () => void (server = await startRedis()));
  afterAll(() => server.stop());

  coordinationStoreCompliance("the store on Redis", async () => {
    const opened: (() => Promise<void>)[] = [];
    return {
      minTtlMs: 300,
      connect: async () => {
        const client = await createClient({ url: server.url }).connect();
        const store = createRedisStore(client);
        opened.push(async () => {
          await store.close();
          client.destroy();
        });
        return store;
      },
      stop: async () => {
        for (const close of opened) await close();
      },
    };
  });
});

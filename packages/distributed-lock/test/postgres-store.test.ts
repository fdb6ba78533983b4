import { afterAll, beforeAll, describe } from "vitest";
import { coordinationStoreCompliance } from "../src/compliance/index.ts";
import { createPostgresStore } from "../src/postgres/index.ts";
import { NO_POSTGRES, type PostgresServer, startPostgres } from "./servers/postgres-server.ts";

const leftOut = NO_POSTGRES ? `: left out, ${NO_POSTGRES}` : "";

describe.skipIf(NO_POSTGRES)(`on a real PostgreSQL${leftOut}`, () => {
  let server: PostgresServer;
  beforeAll(async () => void (server = await startPostgres()));
  afterAll(() => server.stop());

  coordinationStoreCompliance("the store on PostgreSQL", async () => {
    const opened: (() => Promise<void>)[] = [];
    return {
      minTtlMs: 300,
      connect: async () => {
        const pool = server.pool();
        const store = createPostgresStore(pool);
        opened.push(async () => {
          await store.close();
          await pool.end();
        });
        return store;
      },
      stop: async () => {
        for (const close of opened) await close();
      },
    };
  });
});

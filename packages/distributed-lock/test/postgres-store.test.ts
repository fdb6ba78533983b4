import { describe, expect, it } from "vitest";
import { createPostgresStore, postgresSchema } from "../src/postgres/index.ts";
import { onServer } from "./servers/on-server.ts";
import { NO_PG_BOUNCER, startPgBouncer } from "./servers/pg-bouncer.ts";
import { POSTGRES, poolOf } from "./servers/postgres.ts";

const noPooler = NO_PG_BOUNCER === undefined ? "" : `: left out, ${NO_PG_BOUNCER}`;

onServer(POSTGRES, (bench) => {
  describe.skipIf(noPooler !== "")(`behind PgBouncer${noPooler}`, () => {
    it("with transaction pooling it refuses to work, as `unsupported`", async () => {
      const pooler = await startPgBouncer(bench.server.port, "transaction");
      const pool = poolOf(pooler.port);
      const store = createPostgresStore(pool);
      const refused = { name: "StoreError", code: "unsupported" };
      await expect(store.openSession(5_000)).rejects.toMatchObject(refused);
      await store.close();
      await pool.end();
      await pooler.stop();
    });

    it("with session pooling it works", async () => {
      const pooler = await startPgBouncer(bench.server.port, "session");
      const locks = await bench.locks({ ttlMs: 5_000 }, pooler.port);
      const held = await locks.mutex("pooled").acquire();
      const waiting = locks.mutex("pooled").acquire();
      while ((await locks.mutex("pooled").list()).length < 2);
      await held.release();
      expect((await waiting).token).toBeGreaterThan(held.token);
      await bench.closeAll();
      await pooler.stop();
    });
  });

  it("a schema may be made before, by `postgresSchema`, by many at once", async () => {
    const pool = poolOf(bench.server.port);
    const made = Array.from({ length: 3 }, () => pool.query(postgresSchema("made_before")));
    await Promise.all(made);
    const options = { schema: "made_before", createSchema: false } as const;
    const store = createPostgresStore(pool, options);
    await expect(store.openSession(5_000)).resolves.toMatchObject({ ttlMs: 5_000 });
    await store.close();
    await pool.end();
  });

  it("is refused in a database whose transactions see old snapshots", async () => {
    const pool = poolOf(bench.server.port);
    await pool.query("CREATE DATABASE snapshots");
    await pool.query("ALTER DATABASE snapshots SET default_transaction_isolation TO serializable");
    await pool.end();
    const snapshots = poolOf(bench.server.port, "snapshots");
    const store = createPostgresStore(snapshots);
    await expect(store.openSession(5_000)).rejects.toThrow(/READ COMMITTED/);
    await store.close();
    await snapshots.end();
  });

  it("what it guarantees is what its owner says of failovers", async () => {
    const pool = poolOf(bench.server.port);
    const fenced = (failover: "none" | "synchronous" | "asynchronous"): unknown =>
      createPostgresStore(pool, { failover }).guarantees;
    expect(createPostgresStore(pool).guarantees).toMatchObject({ fencing: false, quorum: false });
    expect(fenced("asynchronous")).toMatchObject({ fencing: false, quorum: false });
    expect(fenced("none")).toMatchObject({ fencing: true, quorum: false });
    expect(fenced("synchronous")).toMatchObject({ fencing: true, quorum: true });
    await pool.end();
  });

  it("refuses a schema that could not stand in SQL or in a channel", async () => {
    const pool = poolOf(bench.server.port);
    for (const schema of ["", "1a", "Locks", 'a"b', "a".repeat(27)]) {
      expect(() => createPostgresStore(pool, { schema })).toThrow(/schema/);
    }
    await pool.end();
  });
});

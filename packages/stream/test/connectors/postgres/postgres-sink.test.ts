import type pg from "pg";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { postgresSink, type PostgresSinkOptions } from "../../../src/connectors/postgres/index.ts";
import type { PreparedRows } from "../../../src/connectors/postgres/progress.ts";
import { createPipeline, fromArray, runForTest } from "../../../src/index.ts";
import { missing, PostgresServer } from "./server.ts";

const context = { id: "out", subtask: 0, subtasks: 1 };

const insert: PostgresSinkOptions<string>["write"] = (client, records) =>
  client.query("INSERT INTO words (word) SELECT * FROM unnest($1::text[])", [records]);

describe.skipIf(missing !== "")(`postgresSink on a real server${missing}`, () => {
  let server: PostgresServer;
  let pool: pg.Pool;
  beforeAll(async () => {
    server = await PostgresServer.start();
    pool = server.pool();
  }, 60_000);
  afterAll(async () => {
    await pool.end();
    await server.stop();
  });
  beforeEach(async () => {
    await pool.query("DROP TABLE IF EXISTS words, quorate_stream_progress");
    await pool.query("CREATE TABLE words (word text)");
  });

  async function words(): Promise<readonly string[]> {
    const { rows } = await pool.query<{ word: string }>("SELECT word FROM words ORDER BY word");
    return rows.map(({ word }) => word);
  }

  it("rows are there when their checkpoint is committed, once however often it is", async () => {
    const sink = postgresSink<string>(pool, { write: insert });
    await sink.recover(context, []);
    const writer = await sink.open(context);
    await writer.write(["a", "b"]);
    const transaction = await writer.prepare(1);
    await writer.write(["c"]);
    expect(await words()).toEqual([]);
    await writer.commit(transaction);
    await writer.commit(transaction);
    expect(await words()).toEqual(["a", "b"]);
    expect(await (await sink.open(context)).prepare(2)).toBeUndefined();
  });

  it("crash between the phases: recovery writes what the checkpoint promised, and nothing else", async () => {
    const sink = postgresSink<string>(pool, { write: insert });
    await sink.recover(context, []);
    const writer = await sink.open(context);
    await writer.write(["promised"]);
    const kept = JSON.parse(JSON.stringify(await writer.prepare(1))) as PreparedRows<string>;
    await writer.write(["not promised"]);
    await sink.recover(context, [kept]);
    await sink.recover(context, [kept]);
    await writer.commit(kept); // The one that was thought dead.
    expect(await words()).toEqual(["promised"]);
  });

  it("a crash inside of the commit leaves nothing, and it can be done again", async () => {
    let isFailing = true;
    const sink = postgresSink<string>(pool, {
      write: async (client, records) => {
        await insert(client, records);
        if (isFailing) await client.query("SELECT pg_terminate_backend(pg_backend_pid())");
      },
    });
    await sink.recover(context, []);
    const writer = await sink.open(context);
    await writer.write(["a"]);
    const transaction = await writer.prepare(1);
    await expect(writer.commit(transaction)).rejects.toThrow(/terminat/);
    expect(await words()).toEqual([]);
    isFailing = false;
    await writer.commit(transaction);
    expect(await words()).toEqual(["a"]);
  });

  it("two that commit the same at once write it once", async () => {
    const sink = postgresSink<string>(pool, { write: insert });
    await sink.recover(context, []);
    const writer = await sink.open(context);
    await writer.write(["a"]);
    const transaction = await writer.prepare(1);
    await Promise.all([1, 2, 3].map(async () => writer.commit(transaction)));
    expect(await words()).toEqual(["a"]);
  });

  it("a program that starts from nothing counts its checkpoints anew", async () => {
    for (const word of ["of the first", "of the second"]) {
      const sink = postgresSink<string>(pool, { write: insert });
      await sink.recover(context, []);
      const writer = await sink.open(context);
      await writer.write([word]);
      await writer.commit(await writer.prepare(1));
    }
    expect(await words()).toEqual(["of the first", "of the second"]);
  });

  it("a pipeline that crashes anywhere writes each record once", async () => {
    const input = Array.from({ length: 40 }, (_, at) => `word ${String(at).padStart(2, "0")}`);
    for (const at of ["batch", "before-commit"] as const) {
      await pool.query("TRUNCATE words");
      const sink = postgresSink<string>(pool, { write: insert });
      const pipeline = createPipeline();
      pipeline.from(fromArray(input, { batchSize: 5 })).to(sink, "out");
      const crashes = [1, 2, 3].map((afterBatches) => ({ afterBatches, at }));
      await runForTest(pipeline, { checkpointEvery: 2, crashes });
      expect(await words()).toEqual(input);
    }
  });

  it("at least once writes at once; an upsert has no effect the second time", async () => {
    await pool.query("ALTER TABLE words ADD PRIMARY KEY (word)");
    const sink = postgresSink<string>(pool, {
      guarantee: "at-least-once",
      write: (client, records) =>
        client.query(
          "INSERT INTO words (word) SELECT * FROM unnest($1::text[]) ON CONFLICT DO NOTHING",
          [records],
        ),
    });
    await sink.recover(context, []);
    const writer = await sink.open(context);
    await writer.write(["a", "b"]);
    await writer.write(["b", "c"]);
    expect(await writer.prepare(1)).toBeUndefined();
    expect(await words()).toEqual(["a", "b", "c"]);
  });

  it("more records than allowed between two checkpoints are refused by name", async () => {
    const sink = postgresSink<string>(pool, { write: insert, maxRecords: 2 });
    const writer = await sink.open(context);
    await writer.write(["a", "b"]);
    expect(() => writer.write(["c"])).toThrow(/maxRecords/);
  });
});

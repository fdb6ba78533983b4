import { type Random, systemRandom } from "@quorate/runtime";
import type { ClientBase, Pool } from "pg";
import type { Sink, SinkWriter } from "../../connector.ts";
import { StreamError } from "../../stream-error.ts";
import { applyOnce, createProgressTable, type PreparedRows } from "./progress.ts";

export interface PostgresSinkOptions<T> {
  /** Writes records in the open transaction of a client; must not end it. */
  readonly write: (client: ClientBase, records: readonly T[]) => Promise<unknown>;
  /**
   * - `exactly-once`: the records of a checkpoint are kept in it and written, once it is kept, in one
   *   transaction together with its number.
   * - `at-least-once`: written at once, and again after a crash. For writes that have no effect the
   *   second time (`INSERT … ON CONFLICT DO UPDATE`).
   *
   * @default "exactly-once"
   */
  readonly guarantee?: "exactly-once" | "at-least-once";
  /**
   * The table of checkpoint numbers; made if it is not there.
   *
   * @default "quorate_stream_progress"
   */
  readonly progressTable?: string;
  /**
   * Records between two checkpoints, which are held in memory and in the checkpoint; one more fails
   * with `invalid-option`. Only for `exactly-once`.
   *
   * @default 100000
   */
  readonly maxRecords?: number;
}

/** Rows of a database. Records must be plain data: they are part of checkpoints (see 0234). */
export function postgresSink<T>(
  pool: Pool,
  options: PostgresSinkOptions<T>,
  { random = systemRandom }: { readonly random?: Random } = {},
): Sink<T> {
  const { write, progressTable = "quorate_stream_progress", maxRecords = 100_000 } = options;
  if (!/^[a-z_][a-z0-9_.]*$/i.test(progressTable)) {
    throw new StreamError("invalid-option", `progressTable cannot be ${progressTable}`);
  }
  if (options.guarantee === "at-least-once") {
    return atLeastOnce((records) => inTransaction(pool, (client) => write(client, records)));
  }
  const apply = async (rows: PreparedRows<T>): Promise<void> => {
    await inTransaction(pool, (client) => applyOnce(client, progressTable, rows, write));
  };
  return {
    recover: async (_, transactions) => {
      await inTransaction(pool, (client) => createProgressTable(client, progressTable));
      for (const transaction of transactions) await apply(transaction as PreparedRows<T>);
    },
    open: ({ id, subtask }) => {
      const run = Math.floor(random.next() * 2 ** 48).toString(36);
      let records: T[] = [];
      return {
        write: (more) => {
          for (const record of more) records.push(record);
          if (records.length <= maxRecords) return;
          const text = `${id}: over maxRecords (${maxRecords}) between two checkpoints`;
          throw new StreamError("invalid-option", text);
        },
        prepare: (checkpointId): PreparedRows<T> | undefined => {
          const prepared = records;
          records = [];
          if (prepared.length === 0) return undefined;
          return { sink: id, subtask, run, checkpointId, records: prepared };
        },
        commit: (transaction) => apply(transaction as PreparedRows<T>),
      };
    },
  };
}

function atLeastOnce<T>(write: (records: readonly T[]) => Promise<unknown>): Sink<T> {
  const writer: SinkWriter<T> = {
    write: async (records) => void (await write(records)),
    prepare: () => undefined,
    commit: () => {},
  };
  return { recover: () => {}, open: () => writer };
}

async function inTransaction(
  pool: Pool,
  work: (client: ClientBase) => Promise<unknown>,
): Promise<void> {
  const client = await pool.connect();
  try {
    await client.query("BEGIN");
    await work(client);
    await client.query("COMMIT");
    client.release();
  } catch (error) {
    // Its connection is given up: the server rolls back.
    client.release(true);
    throw error;
  }
}

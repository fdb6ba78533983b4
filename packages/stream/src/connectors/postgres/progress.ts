import type { ClientBase } from "pg";

/** The records of a checkpoint, to be written when it is kept: plain data, a part of it. */
export interface PreparedRows<T> {
  readonly sink: string;
  readonly subtask: number;
  /** Sets runs apart: each counts its checkpoints by itself. */
  readonly run: string;
  readonly checkpointId: number;
  readonly records: readonly T[];
}

export async function createProgressTable(client: ClientBase, table: string): Promise<void> {
  // Two programs that make it at once would both find it missing.
  await client.query("SELECT pg_advisory_xact_lock(hashtext($1))", [table]);
  await client.query(
    `CREATE TABLE IF NOT EXISTS ${table} (
       sink text, subtask integer, run text, checkpoint bigint NOT NULL,
       PRIMARY KEY (sink, subtask, run))`,
  );
}

/**
 * Writes the records and notes their checkpoint, in the transaction that the client has open; nothing
 * if that checkpoint is noted. One that is at it at once waits for the other's row, and then writes nothing.
 */
export async function applyOnce<T>(
  client: ClientBase,
  table: string,
  { sink, subtask, run, checkpointId, records }: PreparedRows<T>,
  write: (client: ClientBase, records: readonly T[]) => Promise<unknown>,
): Promise<void> {
  const { rowCount } = await client.query(
    `INSERT INTO ${table} AS noted (sink, subtask, run, checkpoint) VALUES ($1, $2, $3, $4)
       ON CONFLICT (sink, subtask, run) DO UPDATE SET checkpoint = excluded.checkpoint
       WHERE noted.checkpoint < excluded.checkpoint`,
    [sink, subtask, run, checkpointId],
  );
  if (rowCount === 1) await write(client, records);
}

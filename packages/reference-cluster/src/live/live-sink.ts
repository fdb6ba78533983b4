import { type KvClient, type Put, put, remove, value, withPrefix } from "@quorate/kv";
import type { Sink } from "@quorate/stream";
import {
  LIVE,
  LIVE_CHECKPOINT,
  LIVE_DELAYS,
  LIVE_DISHES,
  LIVE_MINUTES,
  type LiveRow,
  timeKey,
} from "./live-row.ts";

/** What is needed of the store. */
export type LiveKv = Pick<KvClient, "transaction">;

/** The rows of one checkpoint, as they are kept with it until they are in the store. */
interface LiveTransaction {
  readonly checkpointId: number;
  readonly rows: readonly LiveRow[];
}

/** Windows that began longer before the newest one are forgotten. */
export const KEPT_MS: number = 24 * 60 * 60_000;
/** Below the most that a transaction of the store may have. */
const MAX_PUTS = 100;
const WINDOWS = [LIVE_MINUTES, LIVE_DISHES, LIVE_DELAYS];
/** As many as a safe integer has, so that the order of the bytes is that of the numbers. */
const ID_DIGITS = 16;

/**
 * Rows into a store, all of a checkpoint when that is kept: what is there never goes back, and is not
 * counted twice. The store knows which checkpoint it is of, and refuses an older one: so it does not
 * matter how often a commit is tried, nor when a late try of a killed process arrives.
 *
 * @param isFirst whether no checkpoint is kept: then whatever is there is of checkpoints that were lost
 */
export function liveSink(kv: LiveKv, isFirst: () => Promise<boolean>): Sink<LiveRow> {
  return {
    recover: async (_, transactions) => {
      if (await isFirst()) await forgetAll(kv);
      for (const each of transactions) await commit(kv, each as LiveTransaction);
    },
    open: () => {
      // The last of each key counts: as many as there are windows open, and totals.
      const rows = new Map<string, LiveRow>();
      return {
        write: (records) => {
          for (const row of records) rows.set(row.key, row);
        },
        prepare: (checkpointId): LiveTransaction | undefined => {
          if (rows.size === 0) return undefined;
          const transaction = { checkpointId, rows: [...rows.values()] };
          rows.clear();
          return transaction;
        },
        commit: (transaction) => commit(kv, transaction as LiveTransaction),
      };
    },
  };
}

async function forgetAll(kv: LiveKv): Promise<void> {
  const everything = remove(withPrefix(LIVE));
  const outcome = await kv.transaction({ compares: [], success: [everything], failure: [] });
  if (outcome.kind !== "committed") throw new Error(`counts are still there: ${outcome.reason}`);
}

/** More rows than fit are written in parts; the last one says that all are there. */
async function commit(kv: LiveKv, { checkpointId, rows }: LiveTransaction): Promise<void> {
  const newestMs = Math.max(...rows.map(({ startMs }) => startMs ?? -Infinity));
  const keptFromMs = newestMs - KEPT_MS;
  const puts = rows
    .filter(({ startMs = Infinity }) => startMs >= keptFromMs)
    .map((row) => put(row.key, JSON.stringify(row.value)));
  while (puts.length > MAX_PUTS) await write(kv, checkpointId, puts.splice(0, MAX_PUTS));
  const forgotten =
    keptFromMs > 0
      ? WINDOWS.map((prefix) => remove({ key: prefix, rangeEnd: prefix + timeKey(keptFromMs) }))
      : [];
  await write(kv, checkpointId, puts, [put(LIVE_CHECKPOINT, idKey(checkpointId)), ...forgotten]);
}

async function write(
  kv: LiveKv,
  checkpointId: number,
  puts: readonly Put[],
  last: readonly (Put | ReturnType<typeof remove>)[] = [],
): Promise<void> {
  const outcome = await kv.transaction({
    compares: [value(LIVE_CHECKPOINT, ">", idKey(checkpointId - 1))],
    success: [],
    failure: [...puts, ...last],
  });
  if (outcome.kind !== "committed")
    throw new Error(`the counts were not written: ${outcome.reason}`);
}

function idKey(checkpointId: number): string {
  return String(checkpointId).padStart(ID_DIGITS, "0");
}

import { type KeyValue, KvError, type KvClient, withPrefix } from "@quorate/kv";
import { scan } from "../orders/scan.ts";

/** What is needed of a shard's store. */
export type WatchedKv = Pick<KvClient, "range" | "watch">;

/** Keys that were written, in the order of their revisions. */
export interface Changes {
  readonly kvs: readonly KeyValue[];
  /** All up to this one have been given. */
  readonly revision: number;
}

/** Of what was there already: so many at once. */
const MAX_AT_ONCE = 1_024;
/** A shard that has no leader for so long fails the read; whoever reads begins again. */
const TIMEOUT_MS = 60_000;

/**
 * What was written under a prefix after a revision, without end; 0: all there is, and then what comes.
 * Each key must be written once and never changed or removed. Then the same keys follow one revision
 * in the same order at each call, even where the store has forgotten its past: what it holds at one
 * later revision has all of them, with the revisions at which they were written.
 *
 * Ends when the signal aborts.
 *
 * @throws {KvError} `unavailable`.
 */
export async function* changesAfter(
  kv: WatchedKv,
  prefix: string,
  after: number,
  signal: AbortSignal,
): AsyncGenerator<Changes> {
  let position = after;
  let isPastKept = position > 0;
  while (!signal.aborted) {
    try {
      const changes = isPastKept
        ? watched(kv, prefix, position, signal)
        : backlog(kv, prefix, position, signal);
      for await (const change of changes) {
        position = change.revision;
        yield change;
      }
      isPastKept = true;
    } catch (error) {
      if (signal.aborted) return;
      if (!(error instanceof KvError) || error.code !== "compacted") throw error;
      isPastKept = false;
    }
  }
}

async function* watched(
  kv: WatchedKv,
  prefix: string,
  after: number,
  signal: AbortSignal,
): AsyncGenerator<Changes> {
  const options = { startRevision: after + 1, noDeletes: true, timeoutMs: Infinity, signal };
  let kvs: KeyValue[] = [];
  for await (const { events, revision, isFragment } of kv.watch(withPrefix(prefix), options)) {
    for (const event of events) kvs.push(event.kv);
    if (isFragment) continue; // of a revision that goes on: its position would leave out the rest
    yield { kvs, revision };
    kvs = [];
  }
}

/** What the store holds now of what was written after a revision: in memory, to be put in order. */
async function* backlog(
  kv: WatchedKv,
  prefix: string,
  after: number,
  signal: AbortSignal,
): AsyncGenerator<Changes> {
  const call = { countOnly: true, timeoutMs: TIMEOUT_MS, signal };
  const { revision } = await kv.range(withPrefix(prefix), call);
  const newer: KeyValue[] = [];
  for await (const found of scan(kv, prefix, revision)) {
    if (found.modRevision > after) newer.push(found);
  }
  newer.sort((one, other) => one.modRevision - other.modRevision);
  for (let at = 0; at < newer.length; at += MAX_AT_ONCE) {
    const kvs = newer.slice(at, at + MAX_AT_ONCE);
    yield { kvs, revision: kvs.at(-1)!.modRevision };
  }
  yield { kvs: [], revision };
}

import type { Batch, Source } from "@quorate/stream";
import type { KeyValue } from "@quorate/kv";
import { merged } from "./merged.ts";
import { changesAfter, type WatchedKv } from "./shard-changes.ts";

/** What to read of the shards. */
export interface StoreSourceOptions<T> {
  /** Of keys that are written once, and neither changed nor removed. */
  readonly prefix: string;
  /** Undefined: no record. */
  readonly decode: (kv: KeyValue) => T | undefined;
}

/**
 * What is written to the shards' stores, and was already: each shard is a split, its position the
 * revision up to which it was read. Replayable for ever, whatever the stores have compacted, because
 * keys are written once: see `changesAfter`.
 */
export function storeSource<T>(
  stores: ReadonlyMap<string, WatchedKv>,
  { prefix, decode }: StoreSourceOptions<T>,
): Source<T> {
  async function* split(
    shard: string,
    kv: WatchedKv,
    after: number,
    signal: AbortSignal,
  ): AsyncGenerator<Batch<T>> {
    for await (const { kvs, revision } of changesAfter(kv, prefix, after, signal)) {
      const records = kvs.map(decode).filter((record) => record !== undefined);
      yield { split: shard, records, position: revision };
    }
  }
  return {
    open: async function* ({ subtask, subtasks, positions, signal }): AsyncGenerator<Batch<T>> {
      const splits = [...stores]
        .filter((_, at) => at % subtasks === subtask)
        .map(([shard, kv]) => ({ shard, kv, after: (positions.get(shard) as number) ?? 0 }));
      for (const { shard, after } of splits) yield { split: shard, records: [], position: after };
      yield* merged(splits.map(({ shard, kv, after }) => split(shard, kv, after, signal)));
    },
  };
}

import type { ProcessFactory } from "./process.ts";
import type { Key } from "./state/key-groups.ts";
import type { TimeToLive } from "./state/time-to-live.ts";

export interface DeduplicateOptions {
  /**
   * - `first`: the first record of a key to arrive, at once; nothing more of that key.
   * - `last`: each record that is not older, by event time, than the one that was put out before. The
   *   last one put out of a key is its newest: a reader replaces by key (upserts).
   */
  readonly keep: "first" | "last";
  /**
   * After which a key is forgotten and counts as new: state is bounded by the keys of that time.
   *
   * @default never
   */
  readonly ttl?: TimeToLive;
}

/** State is a flag or a time for each key, not the record. */
export function deduplicate<K extends Key, T>({
  keep,
  ttl,
}: DeduplicateOptions): ProcessFactory<K, T, T> {
  if (keep === "first") {
    return (context) => {
      const isSeen = context.state.value<boolean>("seen", ttl);
      return {
        onRecord(value) {
          if (isSeen.get()) return;
          isSeen.set(true);
          context.emit(value);
        },
      };
    };
  }
  return (context) => {
    const newestAtMs = context.state.value<number>("newest at", ttl);
    return {
      onRecord(value, timestampMs) {
        const newestMs = newestAtMs.get();
        if (newestMs !== undefined && timestampMs < newestMs) return;
        newestAtMs.set(timestampMs);
        context.emit(value);
      },
    };
  };
}

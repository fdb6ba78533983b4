import { StreamError } from "../stream-error.ts";
import type { ProcessFactory } from "./process.ts";
import type { Key } from "./state/key-groups.ts";
import type { TimeToLive } from "./state/time-to-live.ts";

export interface TopNOptions<T> {
  /** How many are kept of each key: a whole number from 1. */
  readonly n: number;
  /** Higher is better; of equals, the one that came first. */
  readonly scoreOf: (value: T) => number;
  /** When a key is forgotten. @default never */
  readonly ttl?: TimeToLive;
}

/** A record that came among the best of its key. */
export interface Ranked<K, T> {
  readonly key: K;
  /** 1 to n, when it came. Those that it is ahead of move down without being put out again. */
  readonly rank: number;
  readonly value: T;
}

/**
 * Puts out each record that is among the `n` best of its key so far. Nothing is taken back: the best
 * of a key are the `n` best of what was put out of it.
 */
export function topN<K extends Key, T>({
  n,
  scoreOf,
  ttl,
}: TopNOptions<T>): ProcessFactory<K, T, Ranked<K, T>> {
  if (!(Number.isInteger(n) && n >= 1)) {
    throw new StreamError("invalid-option", `n must be a whole number from 1, not ${n}`);
  }
  return (context) => {
    const best = context.state.value<T[]>("best", ttl);
    return {
      onRecord(value) {
        const values = best.get() ?? [];
        const score = scoreOf(value);
        let at = values.length;
        while (at > 0 && scoreOf(values[at - 1] as T) < score) at--;
        if (at === n) return;
        values.splice(at, 0, value);
        if (values.length > n) values.pop();
        best.set(values);
        context.emit({ key: context.key, rank: at + 1, value });
      },
    };
  };
}

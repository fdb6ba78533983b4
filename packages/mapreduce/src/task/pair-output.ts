import type { Emitter } from "../job/emitter.ts";
import { MapReduceError } from "../mapreduce-error.ts";

/** Where the pairs of a map task go. */
export interface PairOutput<K, V> extends Emitter<K, V> {
  /** Pairs that were taken. */
  readonly count: number;
  /** A pair as its codecs write it: the key from `start`, the value from `keyEnd` to before `end`. */
  emitEncoded(bytes: Uint8Array, start: number, keyEnd: number, end: number): void;
  /** Writes what is in memory yet. */
  flush(): void;
}

export function pairTooLarge(bytes: number, limit: number): MapReduceError {
  return new MapReduceError(
    "record-too-large",
    `a pair of ${bytes} bytes is too large for this job's memory, of which a pair may take ` +
      `${limit} bytes; emit less at once, or raise memoryBytes`,
  );
}

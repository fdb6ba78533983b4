import type { Codec } from "../codec/codec.ts";
import type { GroupedMerge } from "../sort/grouped-merge.ts";
import type { RunReader } from "../sort/run-reader.ts";

/** The values of one group after the other, each decoded when it is asked for. */
export class GroupValues<V> implements Iterable<V>, Iterator<V> {
  readonly #groups: GroupedMerge;
  readonly #codec: Codec<V>;
  /** One for all: whoever goes through values looks at it before the next. */
  readonly #result: { done: boolean; value: V } = { done: false, value: undefined as V };

  /** What went wrong in reading: the job's own code may have caught it. */
  failure: { readonly error: unknown } | undefined;

  constructor(groups: GroupedMerge, codec: Codec<V>) {
    this.#groups = groups;
    this.#codec = codec;
  }

  [Symbol.iterator](): Iterator<V> {
    return this;
  }

  next(): IteratorResult<V> {
    const pair = this.#step();
    const result = this.#result;
    result.done = pair === undefined;
    result.value = pair
      ? this.#codec.read(pair.bytes, pair.keyEnd, pair.valueEnd)
      : (undefined as V);
    return result as IteratorResult<V>;
  }

  #step(): RunReader | undefined {
    try {
      return this.#groups.next();
    } catch (error) {
      this.failure ??= { error };
      throw error;
    }
  }
}

import { ByteSink } from "../codec/byte-sink.ts";
import type { Codec } from "../codec/codec.ts";
import type { GroupedMerge } from "./grouped-merge.ts";
import type { RunWriter } from "./run-writer.ts";

/** Joins the values of each key into one by the job's `combine`. */
export class GroupFold<V = unknown> {
  readonly #codec: Codec<V>;
  readonly #combine: (left: V, right: V) => V;
  readonly #left = new ByteSink();
  readonly #joined = new ByteSink();

  constructor(codec: Codec<V>, combine: (left: V, right: V) => V) {
    this.#codec = codec;
    this.#combine = combine;
  }

  write(groups: GroupedMerge, run: RunWriter): void {
    const left = this.#left;
    while (groups.nextGroup()) {
      left.length = 0;
      for (let pair = groups.next(), isFirst = true; pair; pair = groups.next(), isFirst = false) {
        if (isFirst) left.append(pair.bytes, pair.keyEnd, pair.valueEnd);
        else this.#join(pair.bytes, pair.keyEnd, pair.valueEnd);
      }
      run.append(groups.key.bytes, 0, groups.key.length, left.bytes, 0, left.length);
    }
  }

  #join(bytes: Uint8Array, start: number, end: number): void {
    const left = this.#codec.read(this.#left.bytes, 0, this.#left.length);
    const joined = this.#combine(left, this.#codec.read(bytes, start, end));
    // By way of another sink: what was joined may be a view of this one.
    const sink = this.#joined;
    sink.length = 0;
    this.#codec.write(joined, sink);
    this.#left.length = 0;
    this.#left.append(sink.bytes, 0, sink.length);
  }
}

import { ByteSink } from "../codec/byte-sink.ts";
import { compareBytes } from "../codec/compare-bytes.ts";
import type { Merge } from "./merge.ts";
import type { RunReader } from "./run-reader.ts";

/** Tells where the part of a key that makes a group ends. */
export type GroupEnd = (bytes: Uint8Array, start: number, end: number) => number;

/** The pairs of a merge, a group of one key after the other. */
export class GroupedMerge {
  readonly #merge: Merge;
  readonly #groupEnd: GroupEnd | undefined;
  /** What makes the current group: its key, or the part of it before the order of values. */
  readonly key: ByteSink = new ByteSink();
  /** The first pair that was not taken yet. */
  #ahead: RunReader | undefined;
  /** Pairs that were gone past. */
  pairs = 0;
  /** `next` has returned the pair ahead: what it stands in changes when the merge steps on. */
  #isTaken = false;
  /** There may be more of the group. */
  #isInside = false;

  /** Without `groupEnd` a group has all of its key in common. */
  constructor(merge: Merge, groupEnd?: GroupEnd) {
    this.#merge = merge;
    this.#groupEnd = groupEnd;
    this.#advance();
  }

  /** Steps to the next group, past what is left of this one; false after the last. */
  nextGroup(): boolean {
    while (this.next() !== undefined);
    const reader = this.#ahead;
    if (reader === undefined) return false;
    this.key.length = 0;
    this.key.append(reader.bytes, reader.keyStart, this.#end(reader));
    this.#isInside = true;
    return true;
  }

  /** Steps to the next pair of the group, good until the next call; nothing after the last. */
  next(): RunReader | undefined {
    if (this.#isTaken) this.#advance();
    const reader = this.#ahead;
    this.#isTaken = this.#isInside && reader !== undefined && this.#isInGroup(reader);
    if (this.#isTaken) {
      this.pairs++;
      return reader;
    }
    this.#isInside = false;
    return undefined;
  }

  #advance(): void {
    this.#ahead = this.#merge.advance() ? this.#merge.current : undefined;
  }

  #isInGroup(reader: RunReader): boolean {
    const { bytes, length } = this.key;
    const end = this.#end(reader);
    return compareBytes(bytes, 0, length, reader.bytes, reader.keyStart, end) === 0;
  }

  #end({ bytes, keyStart, keyEnd }: RunReader): number {
    return this.#groupEnd ? this.#groupEnd(bytes, keyStart, keyEnd) : keyEnd;
  }
}

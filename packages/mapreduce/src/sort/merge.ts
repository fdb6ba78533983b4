import { compareBytes } from "../codec/compare-bytes.ts";
import type { RunReader } from "./run-reader.ts";

/**
 * Merges sorted segments; pairs of one key come in the order of the segments. A tree of losers
 * (Knuth, "The Art of Computer Programming", volume 3, section 5.4.1): one comparison for each
 * doubling of the segments.
 */
export class Merge {
  readonly #readers: readonly RunReader[];
  /** `#losers[0]` is the winner; the others are who lost at that node. */
  readonly #losers: Int32Array;
  /** The reader whose pair is next. Only what `advance` returned true for counts. */
  current: RunReader | undefined;

  /** The readers have not been advanced yet. */
  constructor(readers: readonly RunReader[]) {
    this.#readers = readers;
    this.#losers = new Int32Array(Math.max(1, readers.length)).fill(-1);
  }

  /** Steps to the next pair of all. */
  advance(): boolean {
    if (this.current === undefined) {
      this.#start();
    } else {
      this.current.advance();
      this.#replay(this.#losers[0]!);
    }
    this.current = this.#readers[this.#losers[0]!];
    return this.current !== undefined && this.current.prefix !== Number.POSITIVE_INFINITY;
  }

  close(): void {
    for (const reader of this.#readers) reader.close();
  }

  #start(): void {
    for (const [index, reader] of this.#readers.entries()) {
      reader.advance();
      this.#enter(index);
    }
  }

  /** Up from its leaf until it meets an empty node, where it waits for who comes later. */
  #enter(entrant: number): void {
    let winner = entrant;
    let node = (winner + this.#readers.length) >> 1;
    for (; node > 0; node >>= 1) {
      const other = this.#losers[node]!;
      if (other < 0) {
        this.#losers[node] = winner;
        return;
      }
      if (this.#isBefore(other, winner)) {
        this.#losers[node] = winner;
        winner = other;
      }
    }
    this.#losers[0] = winner;
  }

  #replay(advanced: number): void {
    const losers = this.#losers;
    let winner = advanced;
    for (let node = (winner + this.#readers.length) >> 1; node > 0; node >>= 1) {
      const other = losers[node]!;
      if (this.#isBefore(other, winner)) {
        losers[node] = winner;
        winner = other;
      }
    }
    losers[0] = winner;
  }

  #isBefore(left: number, right: number): boolean {
    const a = this.#readers[left]!;
    const b = this.#readers[right]!;
    if (a.prefix !== b.prefix) return a.prefix < b.prefix;
    if (a.prefix === Number.POSITIVE_INFINITY) return left < right;
    const difference = compareBytes(a.bytes, a.keyStart, a.keyEnd, b.bytes, b.keyStart, b.keyEnd);
    return difference === 0 ? left < right : difference < 0;
  }
}

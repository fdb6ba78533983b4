import { type Entry, LOG_START, type LogPosition } from "@quorate/replication/driver";
import { invariant } from "./invariant.ts";

/**
 * The log since the last snapshot, in memory: what it may hold is bounded by when snapshots are
 * taken. Before its first entry stands its *base*, whose term is known and whose entry is not.
 */
export class RaftLog {
  #base: LogPosition;
  #entries: Entry[];

  constructor(base: LogPosition = LOG_START, entries: readonly Entry[] = []) {
    this.#base = base;
    this.#entries = [...entries];
  }

  get base(): LogPosition {
    return this.#base;
  }

  get firstIndex(): number {
    return this.#base.index + 1;
  }

  get lastIndex(): number {
    return this.#base.index + this.#entries.length;
  }

  get last(): LogPosition {
    return { index: this.lastIndex, term: this.#entries.at(-1)?.term ?? this.#base.term };
  }

  /** The term at a place; undefined where this log knows none: before its base or after its end. */
  termAt(index: number): number | undefined {
    if (index === this.#base.index) return this.#base.term;
    return this.#entries[index - this.firstIndex]?.term;
  }

  has(position: LogPosition): boolean {
    return this.termAt(position.index) === position.term;
  }

  entryAt(index: number): Entry {
    const entry = this.#entries[index - this.firstIndex];
    invariant(entry, `the log has no entry ${index}`);
    return entry;
  }

  /** The entries `from` to `to`, both included; all that there are of them. */
  slice(from: number, to: number = this.lastIndex): Entry[] {
    return this.#entries.slice(Math.max(0, from - this.firstIndex), to - this.firstIndex + 1);
  }

  /** The index up to which the entries from `from` on have at most `maxBytes`; at least `from`. */
  reach(from: number, maxBytes: number): number {
    let bytes = 0;
    let index = from;
    for (; index <= this.lastIndex; index++) {
      bytes += this.entryAt(index).record.length;
      if (bytes > maxBytes) break;
    }
    return Math.max(from, index - 1);
  }

  append(entry: Entry): void {
    this.#entries.push(entry);
  }

  /** Drops what stands after `index`. */
  truncateAfter(index: number): void {
    invariant(index >= this.#base.index, `cannot truncate before the base ${this.#base.index}`);
    this.#entries.length = Math.min(this.#entries.length, index - this.#base.index);
  }

  /** Makes the entry at `index` the base: it and what stands before it are dropped. */
  compactTo(index: number): void {
    const term = this.termAt(index);
    invariant(term !== undefined, `cannot compact to ${index}, which the log does not hold`);
    this.#entries = this.#entries.slice(index - this.#base.index);
    this.#base = { index, term };
  }

  /** Forgets all entries: a snapshot took the place of everything up to `base`. */
  resetTo(base: LogPosition): void {
    this.#base = base;
    this.#entries = [];
  }

  /** The last place at or before `position.index` whose term is not above `position.term`. */
  lastPossibleMatch(position: LogPosition): LogPosition {
    let index = Math.min(position.index, this.lastIndex);
    while (index > this.#base.index && this.termAt(index)! > position.term) index--;
    return { index, term: this.termAt(index) ?? 0 };
  }
}

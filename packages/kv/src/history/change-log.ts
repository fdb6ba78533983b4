import type { Entry } from "./entry.ts";

/** Once so many were dropped, and they are the greater part, their room is given back. */
const MIN_DROPPED = 1_024;

/** All changes of the store in the order in which they were made, from some revision on. */
export class ChangeLog {
  /** Never changed but at its end: a view goes on with the one that it has. */
  #entries: Entry[];
  #head: number;

  constructor(entries: Entry[] = [], head = 0) {
    this.#entries = entries;
    this.#head = head;
  }

  get length(): number {
    return this.#entries.length - this.#head;
  }

  get first(): Entry | undefined {
    return this.#entries[this.#head];
  }

  get last(): Entry | undefined {
    return this.length > 0 ? this.#entries.at(-1) : undefined;
  }

  add(entry: Entry): void {
    this.#entries.push(entry);
  }

  takeBack(): void {
    this.#entries.pop();
  }

  dropFirst(): void {
    this.#head++;
    if (this.#head < MIN_DROPPED || this.#head * 2 < this.#entries.length) return;
    this.#entries = this.#entries.slice(this.#head);
    this.#head = 0;
  }

  /** From a revision on: as many whole revisions as have at least `max` changes together. */
  since(revision: number, max: number): Entry[] {
    const begin = this.#find(revision);
    let end = Math.min(begin + max, this.#entries.length);
    const last = this.#entries[end - 1]?.modRevision;
    while (end > begin && this.#entries[end]?.modRevision === last) end++;
    return this.#entries.slice(begin, Math.min(end, this.#entries.length));
  }

  /** The changes as they are now, whatever is added or dropped meanwhile. */
  view(): Iterable<Entry> {
    return between(this.#entries, this.#head, this.#entries.length);
  }

  #find(revision: number): number {
    let low = this.#head;
    let high = this.#entries.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#entries[middle]!.modRevision < revision) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

function* between(entries: readonly Entry[], begin: number, end: number): Generator<Entry> {
  for (let at = begin; at < end; at++) yield entries[at]!;
}

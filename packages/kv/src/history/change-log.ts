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

  /** The changes from a revision on as they are now, whatever is added or dropped meanwhile. */
  view(): (from: number) => Iterable<Entry> {
    const [entries, head, end] = [this.#entries, this.#head, this.#entries.length];
    return (from) => between(entries, firstFrom(entries, head, from), end);
  }

  #find(revision: number): number {
    return firstFrom(this.#entries, this.#head, revision);
  }
}

/** The place of the first entry, from `begin` on, that is not before a revision. */
function firstFrom(entries: readonly Entry[], begin: number, revision: number): number {
  let low = begin;
  let high = entries.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (entries[middle]!.modRevision < revision) low = middle + 1;
    else high = middle;
  }
  return low;
}

function* between(entries: readonly Entry[], begin: number, end: number): Generator<Entry> {
  for (let at = begin; at < end; at++) yield entries[at]!;
}

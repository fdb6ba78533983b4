import type { ByteString } from "../byte-string.ts";
import { type Entry, isTombstone } from "./entry.ts";

const NONE: readonly Entry[] = [];

/** All versions of one key that are kept, in their order. Most keys have one: so no array for it. */
export class KeyHistory {
  readonly key: ByteString;
  #past: Entry[] | undefined;
  #latest: Entry;

  constructor(latest: Entry) {
    this.key = latest.key;
    this.#latest = latest;
  }

  get latest(): Entry {
    return this.#latest;
  }

  /** What came before the latest. */
  get past(): readonly Entry[] {
    return this.#past ?? NONE;
  }

  add(entry: Entry): void {
    if (this.#past) this.#past.push(this.#latest);
    else this.#past = [this.#latest];
    this.#latest = entry;
  }

  /** Takes the latest back; false when there is none before it. */
  takeBack(): boolean {
    const before = this.#past?.pop();
    if (!before) return false;
    this.#latest = before;
    return true;
  }

  /** What the key was at a revision; undefined where it did not exist. */
  at(revision: number): Entry | undefined {
    const found = this.#latest.modRevision <= revision ? this.#latest : this.#pastAt(revision);
    return found && !isTombstone(found) ? found : undefined;
  }

  /**
   * Without what came before `entry`, one of its versions; also without `entry` if it is a tombstone.
   * Undefined when nothing is left. A new object: views of the past have this one.
   */
  from(entry: Entry, removed: Entry[]): KeyHistory | undefined {
    const past = this.past;
    const at = entry === this.#latest ? past.length : past.indexOf(entry);
    const begin = isTombstone(entry) ? at + 1 : at;
    for (let each = 0; each < Math.min(begin, past.length); each++) removed.push(past[each]!);
    if (begin > past.length) {
      removed.push(this.#latest);
      return undefined;
    }
    if (begin === 0) return this;
    const shorter = new KeyHistory(this.#latest);
    if (begin < past.length) shorter.#past = past.slice(begin);
    return shorter;
  }

  #pastAt(revision: number): Entry | undefined {
    const past = this.past;
    let low = 0;
    let high = past.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (past[middle]!.modRevision <= revision) low = middle + 1;
      else high = middle;
    }
    return past[low - 1];
  }
}

import { type Entry, LOG_START, type LogPosition } from "@quorate/replication/driver";
import type { Ballot } from "../../core/ballot.ts";
import { invariant } from "../../core/invariant.ts";

/** What was accepted in one slot. */
export interface AcceptedSlot {
  readonly slot: number;
  readonly ballot: Ballot;
  readonly entry: Entry;
}

/**
 * What an acceptor has accepted, slot by slot, since the last snapshot; slots may be empty. The slots
 * up to the base are decided, and their entries are gone.
 */
export class SlotLog {
  #base: LogPosition;
  #entries: (Entry | undefined)[] = [];
  #ballots: (Ballot | undefined)[] = [];

  constructor(base: LogPosition = LOG_START, accepted: readonly AcceptedSlot[] = []) {
    this.#base = base;
    for (const { slot, ballot, entry } of accepted) this.put(slot, ballot, entry);
  }

  get base(): LogPosition {
    return this.#base;
  }

  /** The highest slot in which anything was accepted. */
  get lastIndex(): number {
    return this.#base.index + this.#entries.length;
  }

  /** The ballot of what was accepted last in a slot. */
  ballotAt(slot: number): Ballot | undefined {
    return this.#ballots[slot - this.#base.index - 1];
  }

  entryAt(slot: number): Entry | undefined {
    return this.#entries[slot - this.#base.index - 1];
  }

  put(slot: number, ballot: Ballot, entry: Entry): void {
    const at = slot - this.#base.index - 1;
    if (at < 0) return;
    while (this.#entries.length < at) {
      this.#entries.push(undefined);
      this.#ballots.push(undefined);
    }
    this.#entries[at] = entry;
    this.#ballots[at] = ballot;
  }

  /** The entries `from` to `to`, both included: none of them is empty. */
  slice(from: number, to: number): Entry[] {
    const start = from - this.#base.index - 1;
    const entries = this.#entries.slice(start, to - this.#base.index);
    invariant(start >= 0 && !entries.includes(undefined), `a gap in the slots ${from} to ${to}`);
    return entries as Entry[];
  }

  /** The slot up to which those from `from` to `last` have at most `maxBytes`; at least `from`. */
  reach(from: number, last: number, maxBytes: number): number {
    let bytes = 0;
    let slot = from;
    for (; slot <= last; slot++) {
      bytes += this.entryAt(slot)?.record.length ?? 0;
      if (bytes > maxBytes) break;
    }
    return Math.max(from, slot - 1);
  }

  /** What was accepted from `from` to `to`. */
  accepted(from: number, to: number = this.lastIndex): AcceptedSlot[] {
    const accepted: AcceptedSlot[] = [];
    for (let slot = Math.max(from, this.#base.index + 1); slot <= to; slot++) {
      const entry = this.entryAt(slot);
      if (entry) accepted.push({ slot, ballot: this.ballotAt(slot)!, entry });
    }
    return accepted;
  }

  /** Forgets all up to `base`, which is decided. What stands after it was accepted, and stays so. */
  trimTo(base: LogPosition): void {
    const count = base.index - this.#base.index;
    if (count <= 0) return;
    this.#entries = this.#entries.slice(count);
    this.#ballots = this.#ballots.slice(count);
    this.#base = base;
  }
}

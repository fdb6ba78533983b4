import type { ByteString } from "../byte-string.ts";
import { isInRange } from "../byte-string.ts";
import type { StoreReads } from "../engine/store-engine.ts";
import { type Entry, isTombstone } from "../history/entry.ts";
import { EventBatch, type WatchEvent } from "./watch-event.ts";
import { type Turn, TurnQueue } from "./turn-queue.ts";
import type { WatchTarget } from "./watch-request.ts";

/**
 * Recent events that a group keeps while one of its watches was not told them; those that are further
 * behind read history.
 */
const MAX_RECENT_EVENTS = 16_384;
/** And bytes of them, but for the last revision. */
const MAX_RECENT_BYTES = 8_388_608;

/** Some events of whole revisions, and where to go on after them. */
export interface Told {
  readonly batch: EventBatch;
  /** Everything before this revision is told. */
  readonly next: number;
}

/** The store, as far as events are made of it. */
export interface History {
  readonly reads: StoreReads;
  readonly revision: number;
  readonly compactRevision: number;
}

interface Member {
  /** There is something new. */
  wake(): void;
  /** Its place among those of its group that were told everything. */
  readonly waitingTurn: Turn<Member>;
}

/**
 * All watches that are told the same. What happened lately is kept once for all of them, and each knows
 * up to where it was told.
 */
export class WatchGroup implements WatchTarget {
  readonly key: ByteString;
  readonly rangeEnd: ByteString;
  readonly prevKv: boolean;
  readonly noPuts: boolean;
  readonly noDeletes: boolean;
  readonly members: Set<Member> = new Set<Member>();
  /** Those that were told everything. */
  readonly #waiting = new TurnQueue<Member>();
  /** What was written, as the store has it: events are made of it when somebody takes them. */
  #recent: Entry[] = [];
  #recentBytes = 0;
  #coversFrom: number;
  #lastTold: (Told & { readonly from: number; readonly upTo: number }) | undefined;

  constructor(target: WatchTarget, coversFrom: number) {
    this.key = target.key;
    this.rangeEnd = target.rangeEnd;
    this.prevKv = target.prevKv;
    this.noPuts = target.noPuts;
    this.noDeletes = target.noDeletes;
    this.#coversFrom = coversFrom;
  }

  /** From this revision on, every event of the group is among the recent ones. */
  get coversFrom(): number {
    return this.#coversFrom;
  }

  wants(entry: Entry): boolean {
    return this.wantsKindOf(entry) && isInRange(entry.key, this.key, this.rangeEnd);
  }

  /** Of an entry whose key is in the range. */
  wantsKindOf(entry: Entry): boolean {
    return !(isTombstone(entry) ? this.noDeletes : this.noPuts);
  }

  eventsOf(entries: readonly Entry[], history: History): EventBatch {
    return new EventBatch(entries.map((entry) => this.#eventOf(entry, history)));
  }

  /** Adds what was written at the newest revision. */
  add(entry: Entry): void {
    this.#recent.push(entry);
    this.#recentBytes += entry.key.length + entry.value.length;
    if (this.#recent.length > MAX_RECENT_EVENTS || this.#recentBytes > MAX_RECENT_BYTES) {
      this.#shorten();
    }
  }

  /** Tells all who wait that there is something. */
  wake(): void {
    for (let left = this.#waiting.size; left > 0; left--) this.#waiting.take()?.wake();
  }

  /** `member` was told everything before `next`, which is to come, and is woken by the next event. */
  wait(member: Member, next: number): void {
    this.#waiting.add(member.waitingTurn);
    if (this.#recent.length > 0 && this.#waiting.size === this.members.size) this.forget(next);
  }

  leave(member: Member): void {
    this.members.delete(member);
    this.#waiting.delete(member.waitingTurn);
  }

  /** What was recent is not needed, or not true any more; everything from `coversFrom` on will be. */
  forget(coversFrom: number): void {
    this.#recent = [];
    this.#recentBytes = 0;
    this.#coversFrom = coversFrom;
    this.#lastTold = undefined;
  }

  /** What is new from a revision on, that is covered, up to the current one; members share it. */
  since(from: number, history: History): Told | undefined {
    const last = this.#recent.at(-1)?.modRevision ?? 0;
    if (last < from) return undefined;
    const known = this.#lastTold;
    if (known && known.from === from && known.upTo === last) return known;
    const batch = this.eventsOf(this.#recent.slice(this.#find(from)), history);
    this.#lastTold = { batch, next: history.revision + 1, from, upTo: last };
    return this.#lastTold;
  }

  #eventOf(entry: Entry, { reads, compactRevision }: History): WatchEvent<ByteString> {
    const before = entry.modRevision - 1;
    const isKnown = this.prevKv && before >= compactRevision;
    const prevKv = isKnown ? reads.rangeAt(before, entry.key, "", 1)[0] : undefined;
    return { kind: isTombstone(entry) ? "delete" : "put", kv: entry, prevKv };
  }

  #find(from: number): number {
    let low = 0;
    let high = this.#recent.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#recent[middle]!.modRevision < from) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Forgets the older half, and with an event its whole revision. */
  #shorten(): void {
    const middle = this.#recent[this.#recent.length >>> 1]!.modRevision;
    this.#coversFrom = middle + 1;
    this.#recent = this.#recent.slice(this.#find(middle + 1));
    this.#recentBytes = this.#recent.reduce(
      (sum, each) => sum + each.key.length + each.value.length,
      0,
    );
    this.#lastTold = undefined;
  }
}

import type { LogPosition } from "@quorate/replication/driver";
import { invariant } from "./invariant.ts";
import type { PromisingMessage } from "./message.ts";
import { type HardState, type Persisted, Write } from "./persisted.ts";
import type { RaftLog } from "./raft-log.ts";

/** A message that waits until all that it promises is durable. */
interface Withheld {
  readonly sequence: number;
  readonly to: string;
  readonly message: PromisingMessage;
}

/** What changed since the last write, which writes are under way, and which answers wait for them. */
export class Persistence {
  #proof: Persisted = Write.recovered();
  #issued = 0;
  #hardStateChanged = false;
  #resetTo: LogPosition | undefined;
  #unwrittenFrom: number;
  #withheld: Withheld[] = [];
  #pendingMs = 0;

  /** `lastIndex`: where the log on disk ends. */
  constructor(lastIndex: number) {
    this.#unwrittenFrom = lastIndex + 1;
  }

  /** For how long the oldest write has been under way; 0 when none is. */
  get pendingMs(): number {
    return this.#pendingMs;
  }

  hardStateChanged(): void {
    this.#hardStateChanged = true;
  }

  /** The log differs from what was written from `index` on. */
  logChangedFrom(index: number): void {
    this.#unwrittenFrom = Math.min(this.#unwrittenFrom, index);
  }

  logReset(base: LogPosition): void {
    this.#resetTo = base;
    this.#unwrittenFrom = base.index + 1;
  }

  /** Withholds `message` until all that changed so far is durable. */
  promise(to: string, message: PromisingMessage, log: RaftLog): void {
    const sequence = this.#hasChanged(log) ? this.#issued + 1 : this.#issued;
    this.#withheld.push({ sequence, to, message });
  }

  /** All that changed since the last write, if anything did. */
  takeWrite({ term, votedFor }: HardState, log: RaftLog): Write | undefined {
    if (!this.#hasChanged(log)) return undefined;
    const write = new Write({
      sequence: ++this.#issued,
      hardState: this.#hardStateChanged ? { term, votedFor } : undefined,
      firstIndex: this.#unwrittenFrom,
      entries: log.slice(this.#unwrittenFrom),
      resetTo: this.#resetTo,
    });
    this.#hardStateChanged = false;
    this.#resetTo = undefined;
    this.#unwrittenFrom = log.lastIndex + 1;
    return write;
  }

  persisted(proof: Persisted): void {
    const isNext = proof.sequence > this.#proof.sequence && proof.sequence <= this.#issued;
    invariant(isNext, `write ${proof.sequence} completed out of order`);
    this.#proof = proof;
    this.#pendingMs = 0;
  }

  /**
   * Hands out the messages that need to wait no longer. Those of an earlier term count for nothing
   * (raft.md, 24), and of acceptances to one leader the furthest says it all.
   */
  release(
    term: number,
    send: (to: string, message: PromisingMessage, proof: Persisted) => void,
  ): void {
    const end = this.#withheld.findIndex(({ sequence }) => sequence > this.#proof.sequence);
    const released = this.#withheld.splice(0, end === -1 ? this.#withheld.length : end);
    for (const [at, { to, message }] of released.entries()) {
      if (message.term !== term) continue;
      const next = released[at + 1];
      if (next?.to === to && isCoveredBy(message, next.message)) continue;
      send(to, message, this.#proof);
    }
  }

  tick(elapsedMs: number): void {
    if (this.#proof.sequence < this.#issued) this.#pendingMs += elapsedMs;
  }

  #hasChanged(log: RaftLog): boolean {
    return (
      this.#hardStateChanged || this.#resetTo !== undefined || this.#unwrittenFrom <= log.lastIndex
    );
  }
}

function isCoveredBy(message: PromisingMessage, next: PromisingMessage): boolean {
  return (
    message.type === "append-accepted" &&
    next.type === "append-accepted" &&
    message.term === next.term &&
    message.matchIndex <= next.matchIndex
  );
}

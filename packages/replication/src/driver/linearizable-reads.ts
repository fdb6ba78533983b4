import type { ReadIndexListener } from "./read-index-service.ts";

/** A read that waits until this node is as fresh as the read's beginning. */
export interface PendingRead {
  readonly deadlineMs: number;
  /** Runs the query; the state is fresh enough now. */
  serve(): void;
  fail(reason: "timeout" | "stopped"): void;
}

interface Confirmed {
  readonly index: number;
  readonly read: PendingRead;
}

/**
 * Linearizable reads on any node: ask the leader for the index that the read must see, wait until it
 * is applied here, then serve. What fails on the way is asked again until the read's deadline, so that
 * no caller hangs (raft.md, 15).
 */
export class LinearizableReads {
  readonly #ask: (listener: ReadIndexListener) => boolean;
  readonly #reads = new Set<PendingRead>();
  /** Nobody who could be asked is known, or the one that was asked gave no answer. */
  readonly #unasked = new Set<PendingRead>();
  #confirmed: Confirmed[] = [];
  #appliedIndex: number;

  /** `ask` returns false when no leader is known; its listener may be called at once. */
  constructor(appliedIndex: number, ask: (listener: ReadIndexListener) => boolean) {
    this.#appliedIndex = appliedIndex;
    this.#ask = ask;
  }

  get size(): number {
    return this.#reads.size;
  }

  add(read: PendingRead): void {
    this.#reads.add(read);
    this.#begin(read);
  }

  /** Gives up on a read whose caller has gone. */
  forget(read: PendingRead): void {
    this.#reads.delete(read);
    this.#unasked.delete(read);
  }

  applied(index: number): void {
    this.#appliedIndex = index;
    if (this.#confirmed.length === 0) return;
    const ripe = this.#confirmed.filter((confirmed) => confirmed.index <= index);
    if (ripe.length === 0) return;
    this.#confirmed = this.#confirmed.filter((confirmed) => confirmed.index > index);
    for (const { read } of ripe) this.#serve(read);
  }

  tick(nowMs: number): void {
    for (const read of this.#reads) {
      if (read.deadlineMs > nowMs) continue;
      this.forget(read);
      read.fail("timeout");
    }
    this.#confirmed = this.#confirmed.filter(({ read }) => this.#reads.has(read));
    for (const read of [...this.#unasked]) this.#begin(read);
  }

  stop(): void {
    for (const read of this.#reads) read.fail("stopped");
    this.#reads.clear();
    this.#unasked.clear();
    this.#confirmed = [];
  }

  #begin(read: PendingRead): void {
    this.#unasked.delete(read);
    const asked = this.#ask((index) => {
      if (!this.#reads.has(read)) return;
      if (index === undefined) this.#unasked.add(read);
      else if (index <= this.#appliedIndex) this.#serve(read);
      else this.#confirmed.push({ index, read });
    });
    if (!asked) this.#unasked.add(read);
  }

  #serve(read: PendingRead): void {
    if (this.#reads.delete(read)) read.serve();
  }
}

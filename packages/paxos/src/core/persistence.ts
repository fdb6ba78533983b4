import { invariant } from "./invariant.ts";

declare const proof: unique symbol;

/**
 * The proof that a write, and all writes before it, survive a crash. Only a `Write` gives one. A
 * message that promises something was persisted can be sent only with it, so that "persist before you
 * answer" is checked by the compiler.
 */
export interface Persisted {
  readonly [proof]: true;
  readonly sequence: number;
}

/** What a core wants on disk. Writes take effect in the order of their `sequence`. */
export class Write<R> {
  /** Counts from 1. */
  readonly sequence: number;
  /** In the order in which they were recorded; a later one may replace what an earlier one said. */
  readonly records: readonly R[];

  constructor(sequence: number, records: readonly R[]) {
    this.sequence = sequence;
    this.records = records;
  }

  /**
   * The proof. **To be called by a storage only after fdatasync has resolved** for this write and all
   * those before it.
   */
  persisted(): Persisted {
    return { sequence: this.sequence } as Persisted;
  }

  /** The proof for what a storage found on disk when it opened. */
  static recovered(): Persisted {
    return { sequence: 0 } as Persisted;
  }
}

/** A message of `P` that waits until all that it promises is durable. */
interface Withheld<P> {
  readonly sequence: number;
  readonly to: string;
  readonly message: P;
}

/**
 * What changed since the last write, which writes are under way, and which answers wait for them.
 * `R` is what goes to disk, `P` the messages that promise that it is there.
 */
export class Persistence<R, P> {
  #proof: Persisted = Write.recovered();
  #issued = 0;
  #unwritten: R[] = [];
  #withheld: Withheld<P>[] = [];

  /** How much is durable: whoever promises nothing newer need not wait. */
  get proof(): Persisted {
    return this.#proof;
  }

  /** To be part of the next write, whose sequence number is returned. */
  record(record: R): number {
    this.#unwritten.push(record);
    return this.#issued + 1;
  }

  /** Withholds a message until all that was recorded so far is durable. */
  promise(to: string, message: P): void {
    const sequence = this.#unwritten.length > 0 ? this.#issued + 1 : this.#issued;
    this.#withheld.push({ sequence, to, message });
  }

  /** All that was recorded since the last write, if anything was. */
  takeWrite(): Write<R> | undefined {
    if (this.#unwritten.length === 0) return undefined;
    const write = new Write(++this.#issued, this.#unwritten);
    this.#unwritten = [];
    return write;
  }

  persisted(next: Persisted): void {
    const isNext = next.sequence > this.#proof.sequence && next.sequence <= this.#issued;
    invariant(isNext, `write ${next.sequence} completed out of order`);
    this.#proof = next;
  }

  /** Hands out the messages that need to wait no longer, in the order in which they were promised. */
  release(send: (to: string, message: P, persisted: Persisted) => void): void {
    const end = this.#withheld.findIndex(({ sequence }) => sequence > this.#proof.sequence);
    const released = this.#withheld.splice(0, end === -1 ? this.#withheld.length : end);
    for (const { to, message } of released) send(to, message, this.#proof);
  }
}

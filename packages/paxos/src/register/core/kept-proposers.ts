import type { KeyProposer } from "./key-proposer.ts";

/** One of two generations: what is idle in it, with promises. */
class Generation {
  readonly all = new Map<string, KeyProposer>();
  keys = 0;
  bytes = 0;
}

/**
 * The proposers of the keys that are busy, and of those that were used last, as far as they have a
 * promise. Two generations, as of `KeyStates`: what is used is in the young one, and when that has half
 * of what is allowed, what is idle in the old one goes.
 */
export class KeptProposers {
  readonly #maxKeys: number;
  readonly #maxBytes: number;
  #young = new Generation();
  #old = new Generation();

  constructor(maxKeys: number, maxBytes: number) {
    this.#maxKeys = maxKeys / 2;
    this.#maxBytes = maxBytes / 2;
  }

  /** Those that are idle. */
  get keys(): number {
    return this.#young.keys + this.#old.keys;
  }

  get(key: string): KeyProposer | undefined {
    return this.#young.all.get(key) ?? this.#old.all.get(key);
  }

  /** It is busy from now on. */
  busy(proposer: KeyProposer): void {
    const { key, isReady, keptBytes } = proposer;
    const generation = this.#old.all.delete(key) ? this.#old : this.#young;
    if (isReady) {
      generation.keys--;
      generation.bytes -= keptBytes;
    }
    if (generation === this.#old || !isReady) this.#young.all.set(key, proposer);
  }

  /** It is idle from now on. */
  idle(proposer: KeyProposer): void {
    const { key, isReady, keptBytes } = proposer;
    if (!isReady || keptBytes > this.#maxBytes) return this.#delete(key);
    const { keys, bytes } = this.#young;
    if (keys + 1 > this.#maxKeys || bytes + keptBytes > this.#maxBytes) this.#age();
    if (this.#old.all.delete(key)) this.#young.all.set(key, proposer);
    this.#young.keys++;
    this.#young.bytes += keptBytes;
  }

  /** All promises are void. */
  clear(busy: Iterable<KeyProposer>): void {
    this.#old = new Generation();
    this.#young = new Generation();
    for (const proposer of busy) this.#young.all.set(proposer.key, proposer);
  }

  #delete(key: string): void {
    this.#young.all.delete(key);
    this.#old.all.delete(key);
  }

  #age(): void {
    const dropped = this.#old;
    this.#old = this.#young;
    this.#young = new Generation();
    for (const [key, proposer] of dropped.all) {
      if (proposer.phase !== "idle") this.#young.all.set(key, proposer);
    }
  }
}

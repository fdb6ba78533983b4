import { KeptState } from "./kept-state.ts";
import type { KeyState } from "./register-record.ts";

/** A key's state, and the write that makes it durable: 0 for one that came from the disk. */
export class KeyEntry extends KeptState {
  writtenIn: number;

  constructor(state: KeyState, writtenIn: number) {
    super(state);
    this.writtenIn = writtenIn;
  }
}

/** What an entry takes besides its key and value, in the memory of V8, about. */
const ENTRY_BYTES = 400;

/**
 * The states of the keys that were used last, in bounded memory; all others are on disk. Two
 * generations instead of a list of all: what is used moves to the young one, and when that is half of
 * the memory, the old one goes.
 */
export class KeyStates {
  readonly #maxBytes: number;
  #young = new Map<string, KeyEntry>();
  #old = new Map<string, KeyEntry>();
  #youngBytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  get size(): number {
    return this.#young.size + this.#old.size;
  }

  /** Undefined when it is not in memory. */
  get(key: string): KeyEntry | undefined {
    const young = this.#young.get(key);
    if (young) return young;
    if (this.#old.size === 0) return undefined;
    const old = this.#old.get(key);
    if (!old) return undefined;
    this.#old.delete(key);
    this.add(key, old);
    return old;
  }

  /** Adds a key that is not in memory. */
  add(key: string, entry: KeyEntry): void {
    this.#young.set(key, entry);
    this.#youngBytes += ENTRY_BYTES + 2 * key.length + entry.roomBytes;
  }

  /** Gives a key that is in memory, since it was just got, another state. */
  become(entry: KeyEntry, state: KeyState, writtenIn: number): void {
    const roomBefore = entry.roomBytes;
    entry.set(state);
    entry.writtenIn = writtenIn;
    this.#youngBytes += entry.roomBytes - roomBefore;
  }

  /** All of it is of no use any more. */
  clear(): void {
    this.#young = new Map();
    this.#old = new Map();
    this.#youngBytes = 0;
  }

  /** To be called now and then. What is not durable stays in memory, however much that is. */
  shrink(durable: number): void {
    if (this.#youngBytes <= this.#maxBytes / 2) return;
    const dropped = this.#old;
    this.#old = this.#young;
    this.#young = new Map();
    this.#youngBytes = 0;
    for (const [key, entry] of dropped) if (entry.writtenIn > durable) this.add(key, entry);
  }
}

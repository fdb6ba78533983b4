import type { Scalar } from "../models/model.ts";

/** An entry: its hash, its length in words, the state's number, the first word, then the words. */
const HASH = 0;
const LENGTH = 1;
const STATE = 2;
const FROM = 3;
const HEADER_WORDS = 4;
const BYTES_A_WORD = 4;
/** What a map's entry of one state takes, about, beside its key's characters. */
const BYTES_A_STATE = 100;

/**
 * The configurations that a search has been in: which operations were placed, and the state that
 * they led to. Exact: where hashes are equal, the sets are compared. Kept in two flat arrays, so that
 * millions cost the garbage collector nothing and memory can be counted and bounded.
 */
export class ConfigurationMemo {
  readonly #maxBytes: number;
  #table = new Int32Array(1_024);
  #arena = new Int32Array(8_192);
  #usedWords = 1; // the table's 0 means free, so no entry begins there
  #size = 0;
  #states = new Map<Scalar, number>();
  #stateBytes = 0;
  #full = false;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Whether `maxBytes` was reached: from then on, nothing is to be concluded. */
  get full(): boolean {
    return this.#full;
  }

  /** Forgets everything, and keeps the memory for the next search. */
  clear(): void {
    this.#table.fill(0);
    this.#usedWords = 1;
    this.#size = 0;
    this.#states.clear();
    this.#stateBytes = 0;
    this.#full = false;
  }

  /** The number of a state: the same for equal keys. */
  numberOf(stateKey: Scalar): number {
    const known = this.#states.get(stateKey);
    if (known !== undefined) return known;
    this.#stateBytes += BYTES_A_STATE;
    if (typeof stateKey === "string") this.#stateBytes += 2 * stateKey.length;
    if (this.#bytes() > this.#maxBytes) this.#full = true;
    const next = this.#states.size;
    this.#states.set(stateKey, next);
    return next;
  }

  /**
   * Remembers a configuration; `false` if it was there already. The set is all words of `placed`
   * from `from` to `to`, both included (those before are full, those behind empty), and all of
   * `open`.
   */
  add(state: number, placed: Int32Array, from: number, to: number, open: Int32Array): boolean {
    const length = Math.max(0, to - from + 1) + open.length;
    if (!this.#reserve(HEADER_WORDS + length)) return true;
    const arena = this.#arena;
    const entry = this.#usedWords;
    let at = entry + HEADER_WORDS;
    for (let word = from; word <= to; word++) arena[at++] = placed[word] as number;
    for (let word = 0; word < open.length; word++) arena[at++] = open[word] as number;
    arena[entry + LENGTH] = length;
    arena[entry + STATE] = state;
    arena[entry + FROM] = from;
    arena[entry + HASH] = hashOf(arena, entry + LENGTH, at);
    if (!this.#insert(entry)) return false;
    this.#usedWords = at;
    this.#size++;
    return true;
  }

  /** Puts the entry at its place in the table, unless an equal one is there. */
  #insert(entry: number): boolean {
    const arena = this.#arena;
    const mask = this.#table.length - 1;
    let slot = (arena[entry + HASH] as number) & mask;
    for (;;) {
      const there = this.#table[slot] as number;
      if (there === 0) break;
      if (areEqual(arena, there, entry)) return false;
      slot = (slot + 1) & mask;
    }
    this.#table[slot] = entry;
    return true;
  }

  /** Makes room for an entry; `false`, and the memo is full, where `maxBytes` forbids it. */
  #reserve(words: number): boolean {
    if (this.#usedWords + words > this.#arena.length) {
      const wanted = Math.max(2 * this.#arena.length, this.#usedWords + words);
      const spareWords = Math.floor((this.#maxBytes - this.#bytes()) / BYTES_A_WORD);
      const length = Math.min(wanted, this.#arena.length + spareWords);
      if (length < this.#usedWords + words) return this.#refuse();
      const larger = new Int32Array(length);
      larger.set(this.#arena);
      this.#arena = larger;
    }
    if (2 * this.#size < this.#table.length) return true;
    if (this.#bytes() + this.#table.length * BYTES_A_WORD > this.#maxBytes) return this.#refuse();
    this.#enlargeTable();
    return true;
  }

  #refuse(): false {
    this.#full = true;
    return false;
  }

  #enlargeTable(): void {
    this.#table = new Int32Array(2 * this.#table.length);
    let entry = 1;
    while (entry < this.#usedWords) {
      this.#insert(entry);
      entry += HEADER_WORDS + (this.#arena[entry + LENGTH] as number);
    }
  }

  #bytes(): number {
    return (this.#table.length + this.#arena.length) * BYTES_A_WORD + this.#stateBytes;
  }
}

/** MurmurHash3 of words `from` to `to`, the last not included. */
function hashOf(words: Int32Array, from: number, to: number): number {
  let hash = 0;
  for (let at = from; at < to; at++) {
    let word = Math.imul(words[at] as number, 0xcc9e2d51);
    word = (word << 15) | (word >>> 17);
    hash ^= Math.imul(word, 0x1b873593);
    hash = (hash << 13) | (hash >>> 19);
    hash = (Math.imul(hash, 5) + 0xe6546b64) | 0;
  }
  hash ^= hash >>> 16;
  hash = Math.imul(hash, 0x85ebca6b);
  hash ^= hash >>> 13;
  hash = Math.imul(hash, 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}

function areEqual(words: Int32Array, one: number, other: number): boolean {
  const length = HEADER_WORDS + (words[one + LENGTH] as number);
  for (let at = 0; at < length; at++) {
    if (words[one + at] !== words[other + at]) return false;
  }
  return true;
}

import { type Arena, KEY_OFFSET, MAX_ARENA_BYTES, padded } from "../sort/arena.ts";
import { STAGED_KEYS, type StagedKeys } from "./staged-keys.ts";

/** Where an entry's eight bytes for its value stand after its beginning. */
export const VALUE_OFFSET = 8;
/** The word of an entry that has its key's hash. */
const HASH = 1;
/** Offset 0 is nobody's, so that 0 can stand for an empty slot. */
const FIRST = 8;
const SLOT_BYTES = 4;
/** For each slot, to sort its entry in: 8 bytes. */
const SPARE_BYTES = 8;
const SMALLEST_SLOTS = 64;
/** Of the slots; beyond it the chains to be gone along grow. */
const LARGEST_LOAD = 0.6;

/**
 * An open-addressing hash table of keys that are bytes: a slot is a reference to an entry in a fixed
 * arena, which has its hash, too. The eight bytes of an entry from `VALUE_OFFSET` on are its owner's,
 * and what it allocates besides, which comes from the arena's end: entries stand one after the other.
 *
 * Five eighths of the memory or more are for entries, and an eighth is for slots; in the rest stands
 * the order of the entries while they are sorted.
 */
export class KeyTable implements Arena {
  readonly bytes: Uint8Array;
  readonly words: Uint32Array;
  /** The same memory: `floats[ref + 1]` is what an entry's owner may keep in it. */
  readonly floats: Float64Array;
  readonly #slots: Int32Array;
  readonly #spare: Int32Array;
  readonly #seen: Int32Array = new Int32Array(STAGED_KEYS);
  readonly #seenLengths: Int32Array = new Int32Array(STAGED_KEYS);
  #mask = SMALLEST_SLOTS - 1;
  /** Where the entries end. */
  #used = FIRST;
  /** Where what their owner has allocated begins, up to the end. */
  #free = 0;
  #count = 0;
  /** Whether the entry that `find` returned last was made by it. */
  isNew = false;

  /** @param memory at least 2 KiB; what is in it does not matter. */
  constructor(memory: ArrayBuffer) {
    const slots = 2 ** Math.floor(Math.log2(memory.byteLength / 8 / SLOT_BYTES));
    const spareAt = 8 * Math.floor((memory.byteLength - SPARE_BYTES * slots) / 8);
    const slotsAt = spareAt - SLOT_BYTES * slots;
    const arenaBytes = Math.min(MAX_ARENA_BYTES, slotsAt);
    this.bytes = new Uint8Array(memory, 0, arenaBytes);
    this.words = new Uint32Array(memory, 0, arenaBytes / 4);
    this.floats = new Float64Array(memory, 0, arenaBytes / 8);
    this.#slots = new Int32Array(memory, slotsAt, slots);
    this.#spare = new Int32Array(memory, spareAt, 2 * slots);
    this.clear();
  }

  get count(): number {
    return this.#count;
  }

  /** Notes where the entries of all staged keys may be: without that, each `find` waits for it. */
  lookAhead(keys: StagedKeys): void {
    const { words } = this;
    const slots = this.#slots;
    const mask = this.#mask;
    const seen = this.#seen;
    const lengths = this.#seenLengths;
    const { hashes, count } = keys;
    // Without a branch on what memory has yet to tell: whether it is the key is found out later.
    for (let index = 0; index < count; index++) {
      seen[index] = slots[hashes[index]! & mask]!;
    }
    for (let index = 0; index < count; index++) lengths[index] = words[2 * seen[index]!]!;
  }

  /**
   * The entry of a staged key if it is where `lookAhead` has looked, else 0. Entries that were made
   * since do not matter; after `clear` it must look again.
   */
  seen(keys: StagedKeys, index: number): number {
    const ref = this.#seen[index]!;
    if (ref === 0 || this.#seenLengths[index] !== keys.lengths[index]) return 0;
    return this.#hasWords(ref, keys, index) ? ref : 0;
  }

  /**
   * The entry of a staged key, made if there is none (see `isNew`); 0 when there is no room for it
   * and for `room` bytes that its owner is about to allocate.
   */
  find(keys: StagedKeys, index: number, room: number): number {
    const hash = keys.hashes[index]!;
    const length = keys.lengths[index]!;
    const slots = this.#slots;
    const mask = this.#mask;
    let slot = hash & mask;
    for (;;) {
      const ref = slots[slot]!;
      if (ref === 0) break;
      const isSame =
        this.words[2 * ref + HASH] === hash >>> 0 &&
        this.words[2 * ref] === length &&
        this.#hasWords(ref, keys, index);
      if (isSame) {
        this.isNew = false;
        return ref;
      }
      slot = (slot + 1) & mask;
    }
    if (this.#count >= LARGEST_LOAD * (mask + 1)) {
      if (mask + 1 >= slots.length) return 0;
      this.#grow();
      slot = this.#freeSlot(hash);
    }
    if (this.#used + padded(KEY_OFFSET + length) + padded(room) > this.#free) return 0;
    return this.#insert(slot, keys, index);
  }

  /** Takes so many bytes of the arena, from its end; 0 when they are not there. */
  allocate(bytes: number): number {
    const at = this.#free - padded(bytes);
    if (at < this.#used) return 0;
    this.#free = at;
    return at;
  }

  /** Room for all entries to be sorted in, until the next `find`. */
  order(): BigUint64Array {
    return new BigUint64Array(this.#spare.buffer, this.#spare.byteOffset, this.#count);
  }

  /** Calls with each entry, in the order in which they were made. */
  forEach(visit: (ref: number) => void): void {
    const { words } = this;
    const end = this.#used / 8;
    for (let ref = FIRST / 8; ref < end; ref += padded(KEY_OFFSET + words[2 * ref]!) / 8) {
      visit(ref);
    }
  }

  clear(): void {
    this.#slots.fill(0, 0, this.#mask + 1);
    this.#used = FIRST;
    this.#free = this.bytes.length;
    this.#count = 0;
  }

  #hasWords(ref: number, keys: StagedKeys, index: number): boolean {
    const { words } = this;
    const staged = keys.words;
    let at = 2 * ref + KEY_OFFSET / 4;
    let from = keys.starts[index]!;
    for (let left = keys.lengths[index]!; left > 0; left -= 8, at += 2, from += 2) {
      if (words[at] !== staged[from] || words[at + 1] !== staged[from + 1]) return false;
    }
    return true;
  }

  #insert(slot: number, keys: StagedKeys, index: number): number {
    const length = keys.lengths[index]!;
    const hash = keys.hashes[index]!;
    const ref = this.#used / 8;
    this.#used += padded(KEY_OFFSET + length);
    this.words[2 * ref] = length;
    this.words[2 * ref + HASH] = hash;
    let from = keys.starts[index]!;
    let at = 2 * ref + KEY_OFFSET / 4;
    for (let left = length; left > 0; left -= 8) {
      this.words[at++] = keys.words[from++]!;
      this.words[at++] = keys.words[from++]!;
    }
    this.#slots[slot] = ref;
    this.#count++;
    this.isNew = true;
    return ref;
  }

  /**
   * Entries go to their new slots in the order in which they were made: keys that come often come
   * early, and are then found at the first look.
   */
  #grow(): void {
    const slots = 2 * (this.#mask + 1);
    this.#slots.fill(0, 0, slots);
    this.#mask = slots - 1;
    this.forEach((ref) => {
      this.#slots[this.#freeSlot(this.words[2 * ref + HASH]!)] = ref;
    });
  }

  #freeSlot(hash: number): number {
    let slot = hash & this.#mask;
    while (this.#slots[slot] !== 0) slot = (slot + 1) & this.#mask;
    return slot;
  }
}

/**
 * Entries in one piece of memory that is reserved as a whole: pages that are never touched cost
 * nothing, and there is no growing. An entry begins at a multiple of 8 bytes, and is referred to by
 * its offset divided by 8: the length of its key, twelve bytes of its owner's, then the key.
 */
export interface Arena {
  readonly bytes: Uint8Array;
  /** The same memory: `words[2 * ref]` is the length of entry `ref`'s key. */
  readonly words: Uint32Array;
}

/** Where an entry's key stands after its beginning. */
export const KEY_OFFSET = 16;

/** References have 29 bits. */
export const MAX_ARENA_BYTES: number = 8 * 2 ** 29;

/** The next multiple of 8. */
export function padded(bytes: number): number {
  return bytes + (-bytes & 7);
}

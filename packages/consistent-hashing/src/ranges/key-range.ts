/** Keys from `start` up to, not including, `end`, and who holds them. Never changes. */
export interface KeyRange {
  /** Inclusive; empty is before every key. Not to be written to. */
  readonly start: Uint8Array;
  /** Exclusive; undefined is after every key. */
  readonly end: Uint8Array | undefined;
  readonly node: string;
  /** Goes up with every split, merge and move that the range or its forebears had part in. */
  readonly epoch: number;
}

/**
 * Negative, 0 or positive, as the first `length` bytes of `bytes` are before, at or after `other`.
 */
export function compareKeys(bytes: Uint8Array, length: number, other: Uint8Array): number {
  const common = Math.min(length, other.length);
  for (let at = 0; at < common; at++) {
    const difference = (bytes[at] as number) - (other[at] as number);
    if (difference !== 0) return difference;
  }
  return length - other.length;
}

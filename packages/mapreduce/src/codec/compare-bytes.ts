/**
 * Unsigned bytes, and a prefix before what it begins: below 0 when the first range stands before
 * the second, 0 when they are equal.
 */
export function compareBytes(
  left: Uint8Array,
  leftStart: number,
  leftEnd: number,
  right: Uint8Array,
  rightStart: number,
  rightEnd: number,
): number {
  const leftLength = leftEnd - leftStart;
  const rightLength = rightEnd - rightStart;
  const shorter = leftLength < rightLength ? leftLength : rightLength;
  for (let index = 0; index < shorter; index++) {
    const difference = left[leftStart + index]! - right[rightStart + index]!;
    if (difference !== 0) return difference;
  }
  return leftLength - rightLength;
}

/** A hash, signed or not, as a whole number from 0 to `limit - 1`; `limit` is at most 2^21. */
export function scaled(hash: number, limit: number): number {
  return Math.floor(((hash >>> 0) * limit) / 2 ** 32);
}

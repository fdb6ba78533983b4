// 2862933555777941757, the multiplier of the generator, in halves.
const MULTIPLIER_HIGH = 0x27bb2ee6;
const MULTIPLIER_LOW = 0x87b0b0fd;
const LOW_HALF = MULTIPLIER_LOW & 0xffff;
const HIGH_HALF = MULTIPLIER_LOW >>> 16;
const TWO_31 = 2 ** 31;

/**
 * Which of the two published programs decides when a quotient is not a whole double: Google's C++
 * multiplies by a rounded quotient, Guava divides once. They differ for about one key in 2^31.
 */
export type JumpRounding = "google" | "guava";

/**
 * Jump consistent hash (Lamping, Veach, "A Fast, Minimal Memory, Consistent Hash Algorithm", 2014):
 * the bucket, 0 to `buckets - 1`, of a 64-bit key given in halves. The generator's 64-bit product
 * is put together from 16-bit ones; ln(buckets) rounds.
 */
export function jump(low: number, high: number, buckets: number, rounding: JumpRounding): number {
  const divides = rounding === "guava";
  let bucket = 0;
  for (;;) {
    const a0 = low & 0xffff;
    const a1 = low >>> 16;
    const p01 = Math.imul(a0, HIGH_HALF);
    const p10 = Math.imul(a1, LOW_HALF);
    const middle = (Math.imul(a0, LOW_HALF) >>> 16) + (p01 & 0xffff) + (p10 & 0xffff);
    high =
      (Math.imul(a1, HIGH_HALF) +
        (p01 >>> 16) +
        (p10 >>> 16) +
        (middle >>> 16) +
        Math.imul(low, MULTIPLIER_HIGH) +
        Math.imul(high, MULTIPLIER_LOW)) |
      0;
    low = (Math.imul(low, MULTIPLIER_LOW) + 1) | 0;
    if (low === 0) high = (high + 1) | 0;
    const draw = (high >>> 1) + 1;
    const next = divides ? (bucket + 1) / (draw / TWO_31) : (bucket + 1) * (TWO_31 / draw);
    if (next >= buckets) return bucket;
    bucket = next | 0;
  }
}

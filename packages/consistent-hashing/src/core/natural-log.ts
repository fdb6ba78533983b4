const LN2 = 0.6931471805599453;
const SQRT_HALF = 0.7071067811865476;

/**
 * -ln((bits + ½) / 2^32) for 32 bits, to about 12 digits, by additions, multiplications and
 * divisions alone: those are exact by IEEE 754, while `Math.log` may differ from one engine to the
 * next, and with it the node of a key.
 */
export function negativeLog(bits: number): number {
  const value = (bits >>> 0) + 0.5;
  // value = mantissa × 2^exponent with the mantissa between √½ and √2.
  let exponent = 32 - Math.clz32(bits);
  let mantissa = value / 2 ** exponent;
  if (mantissa < SQRT_HALF) {
    mantissa *= 2;
    exponent--;
  }
  // ln m = 2 artanh((m - 1) / (m + 1))
  const s = (mantissa - 1) / (mantissa + 1);
  const z = s * s;
  const series =
    1 + z * (1 / 3 + z * (1 / 5 + z * (1 / 7 + z * (1 / 9 + z * (1 / 11 + z * (1 / 13))))));
  return (32 - exponent) * LN2 - 2 * s * series;
}

import { bytesOfKey, type Key, keyBytes } from "../key.ts";

/** Of RFC 1321, section 3.4: floor(2^32 × |sin(i + 1)|), written out, as `Math.sin` may differ. */
const SINES = Int32Array.of(
  0xd76aa478,
  0xe8c7b756,
  0x242070db,
  0xc1bdceee,
  0xf57c0faf,
  0x4787c62a,
  0xa8304613,
  0xfd469501,
  0x698098d8,
  0x8b44f7af,
  0xffff5bb1,
  0x895cd7be,
  0x6b901122,
  0xfd987193,
  0xa679438e,
  0x49b40821,
  0xf61e2562,
  0xc040b340,
  0x265e5a51,
  0xe9b6c7aa,
  0xd62f105d,
  0x02441453,
  0xd8a1e681,
  0xe7d3fbc8,
  0x21e1cde6,
  0xc33707d6,
  0xf4d50d87,
  0x455a14ed,
  0xa9e3e905,
  0xfcefa3f8,
  0x676f02d9,
  0x8d2a4c8a,
  0xfffa3942,
  0x8771f681,
  0x6d9d6122,
  0xfde5380c,
  0xa4beea44,
  0x4bdecfa9,
  0xf6bb4b60,
  0xbebfbc70,
  0x289b7ec6,
  0xeaa127fa,
  0xd4ef3085,
  0x04881d05,
  0xd9d4d039,
  0xe6db99e5,
  0x1fa27cf8,
  0xc4ac5665,
  0xf4292244,
  0x432aff97,
  0xab9423a7,
  0xfc93a039,
  0x655b59c3,
  0x8f0ccc92,
  0xffeff47d,
  0x85845dd1,
  0x6fa87e4f,
  0xfe2ce6e0,
  0xa3014314,
  0x4e0811a1,
  0xf7537e82,
  0xbd3af235,
  0x2ad7d2bb,
  0xeb86d391,
);
const SHIFTS = Uint8Array.of(7, 12, 17, 22, 5, 9, 14, 20, 4, 11, 16, 23, 6, 10, 15, 21);
const INITIAL = Int32Array.of(0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476);
const BLOCK_BYTES = 64;
const LENGTH_BYTES = 8;

const state = new Int32Array(4);
const words = new Int32Array(16);
const lastBlocks = new Uint8Array(2 * BLOCK_BYTES);
const lastView = new DataView(lastBlocks.buffer);

/**
 * MD5 (RFC 1321) for ketama, which is defined by it; not for secrets. Writes the digest's four
 * words, little-endian, each 0 to 2^32-1, to `into`. Allocates nothing.
 */
export function md5(key: Key, into: Uint32Array): void {
  const length = keyBytes(key);
  const bytes = bytesOfKey;
  state.set(INITIAL);
  const whole = length - (length % BLOCK_BYTES);
  for (let at = 0; at < whole; at += BLOCK_BYTES) block(bytes, at);
  const rest = length - whole;
  lastBlocks.fill(0);
  for (let at = 0; at < rest; at++) lastBlocks[at] = bytes[whole + at] as number;
  lastBlocks[rest] = 0x80;
  const padded = rest + 1 + LENGTH_BYTES <= BLOCK_BYTES ? BLOCK_BYTES : 2 * BLOCK_BYTES;
  lastView.setUint32(padded - LENGTH_BYTES, (length * 8) >>> 0, true);
  lastView.setUint32(padded - 4, Math.floor(length / 2 ** 29), true);
  for (let at = 0; at < padded; at += BLOCK_BYTES) block(lastBlocks, at);
  into.set(state);
}

function block(bytes: Uint8Array, from: number): void {
  for (let at = 0; at < 16; at++) {
    const byte = from + 4 * at;
    words[at] =
      (bytes[byte] as number) |
      ((bytes[byte + 1] as number) << 8) |
      ((bytes[byte + 2] as number) << 16) |
      ((bytes[byte + 3] as number) << 24);
  }
  let a = state[0] as number;
  let b = state[1] as number;
  let c = state[2] as number;
  let d = state[3] as number;
  for (let step = 0; step < 64; step++) {
    const round = step >>> 4;
    const mixed =
      (a + selected(round, b, c, d) + (SINES[step] as number) + wordOf(round, step)) | 0;
    const shift = SHIFTS[(round << 2) | (step & 3)] as number;
    a = d;
    d = c;
    c = b;
    b = (b + ((mixed << shift) | (mixed >>> (32 - shift)))) | 0;
  }
  state[0] = (state[0] as number) + a;
  state[1] = (state[1] as number) + b;
  state[2] = (state[2] as number) + c;
  state[3] = (state[3] as number) + d;
}

function selected(round: number, b: number, c: number, d: number): number {
  if (round === 0) return (b & c) | (~b & d);
  if (round === 1) return (b & d) | (c & ~d);
  if (round === 2) return b ^ c ^ d;
  return c ^ (b | ~d);
}

function wordOf(round: number, step: number): number {
  if (round === 0) return words[step] as number;
  if (round === 1) return words[(5 * step + 1) & 15] as number;
  if (round === 2) return words[(3 * step + 5) & 15] as number;
  return words[(7 * step) & 15] as number;
}

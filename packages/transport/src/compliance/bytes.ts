const encoder = new TextEncoder();
const decoder = new TextDecoder();

export function bytes(of: string): Uint8Array {
  return encoder.encode(of);
}

export function text(message: Uint8Array): string {
  return decoder.decode(message);
}

/** Bytes that differ from place to place, and for each seed. */
export function pattern(length: number, seed: number): Uint8Array {
  const result = new Uint8Array(length);
  for (let at = 0; at < length; at++) result[at] = (at * 31 + (at >>> 8) * 7 + seed) & 0xff;
  return result;
}

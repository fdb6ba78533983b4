/** An index as eight bytes, for the answer to a read-index request. */
export function encodeIndex(index: number): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setFloat64(0, index, true);
  return bytes;
}

/** Undefined for anything that `encodeIndex` does not make. */
export function decodeIndex(bytes: Uint8Array): number | undefined {
  if (bytes.length !== 8) return undefined;
  const index = new DataView(bytes.buffer, bytes.byteOffset).getFloat64(0, true);
  return Number.isSafeInteger(index) && index >= 0 ? index : undefined;
}

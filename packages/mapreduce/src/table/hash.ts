/**
 * MurmurHash3 (x86, 32 bits, seed 0; Austin Appleby, public domain) of the bytes from `start` to
 * before `end`, as a signed 32-bit number. It decides which partition a key goes to, so it is the
 * same for ever, on every machine.
 */
export function hashBytes(bytes: Uint8Array, start: number, end: number): number {
  let hash = 0;
  let at = start;
  for (; at + 4 <= end; at += 4) {
    const block =
      bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
    hash = mixedBlock(hash, block);
  }
  let tail = 0;
  for (let last = end - 1; last >= at; last--) tail = (tail << 8) | bytes[last]!;
  return finished(hash ^ scrambled(tail) ^ (end - start));
}

/** The hash with four more bytes, the first one lowest. */
function mixedBlock(hash: number, block: number): number {
  const mixed = hash ^ scrambled(block);
  return (Math.imul((mixed << 13) | (mixed >>> 19), 5) + 0xe6546b64) | 0;
}

function scrambled(block: number): number {
  const product = Math.imul(block, 0xcc9e2d51);
  return Math.imul((product << 15) | (product >>> 17), 0x1b873593);
}

function finished(hash: number): number {
  const once = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  const twice = Math.imul(once ^ (once >>> 13), 0xc2b2ae35);
  return twice ^ (twice >>> 16);
}

/** A hash as one of so many partitions. By its high bits: tables use the low ones. */
export function partitionOf(hash: number, partitions: number): number {
  return Math.floor(((hash >>> 0) * partitions) / 0x1_0000_0000);
}

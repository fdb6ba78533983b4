/**
 * An id for a lease of which nobody said one: from the place of its command in the log, so that all
 * replicas draw the same, mixed so that ids of two stores hardly meet. Of 48 bits, and never 0.
 *
 * Source: the finalizer of MurmurHash3_x86_32.
 */
export function drawLeaseId(index: number, isTaken: (id: number) => boolean): number {
  for (let attempt = 0; ; attempt++) {
    const low = mixed(Math.imul(index, 0x9e3779b1) + attempt);
    const high = mixed(low ^ (index / 2 ** 32)) & 0xffff;
    const id = high * 2 ** 32 + low;
    if (id !== 0 && !isTaken(id)) return id;
  }
}

function mixed(word: number): number {
  let hash = Math.imul(word ^ (word >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** A hash of 64 bits, as two numbers of 32. */
export interface KeyHash {
  readonly high: number;
  readonly low: number;
}

/**
 * Hashes keys with a seed that nobody outside knows, so that nobody can choose keys that collide. The
 * mixing is MurmurHash3's, over UTF-16 units; two lanes with seeds of their own make 64 bits.
 */
export class KeyHasher {
  readonly #seed: KeyHash;

  constructor(seed: KeyHash) {
    this.#seed = seed;
  }

  hash(key: string): KeyHash {
    let high = this.#seed.high;
    let low = this.#seed.low;
    for (let at = 0; at < key.length; at++) {
      const unit = key.charCodeAt(at);
      high = mix(high, unit, 0xcc9e2d51);
      low = mix(low, unit, 0x1b873593);
    }
    return { high: finish(high ^ low, key.length), low: finish(low, ~key.length) };
  }
}

function mix(state: number, unit: number, factor: number): number {
  const scrambled = Math.imul(unit ^ (state >>> 16), factor);
  const mixed = state ^ scrambled ^ (scrambled >>> 15);
  return (Math.imul((mixed << 13) | (mixed >>> 19), 5) + 0xe6546b64) | 0;
}

function finish(state: number, length: number): number {
  let mixed = state ^ length;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}

import type { Random } from "./random.ts";

/**
 * A stream that is the same for the same seed, on every machine and Node version, for ever (a golden
 * test guards it). Not for secrets: whoever sees some numbers can compute the next.
 *
 * Source: sfc32 of C. Doty-Humphrey's PractRand; the seed is spread by MurmurHash3's finaliser.
 */
export function seededRandom(seed: string | number): Random {
  return new SmallFastCounting(`${typeof seed}:${lengthFirst(String(seed))}`);
}

const WARM_UP_ROUNDS = 15;

class SmallFastCounting implements Random {
  readonly #seed: string;
  #a: number;
  #b: number;
  #c: number;
  #counter = 1;

  constructor(seed: string) {
    this.#seed = seed;
    this.#a = hash(seed, 0x9e3779b9);
    this.#b = hash(seed, 0x243f6a88);
    this.#c = hash(seed, 0xb7e15162);
    for (let round = 0; round < WARM_UP_ROUNDS; round++) this.#next32();
  }

  next(): number {
    const high = this.#next32() >>> 5;
    const low = this.#next32() >>> 6;
    return (high * 2 ** 26 + low) / 2 ** 53;
  }

  fork(label: string): Random {
    return new SmallFastCounting(`${this.#seed}/${lengthFirst(label)}`);
  }

  #next32(): number {
    const result = (this.#a + this.#b + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + result) | 0;
    return result >>> 0;
  }
}

/** So that no seed or label reads like another one's fork. */
function lengthFirst(text: string): string {
  return `${text.length}:${text}`;
}

/** 32 bits of `text`, different for each `basis`. */
function hash(text: string, basis: number): number {
  let mixed = basis;
  for (let at = 0; at < text.length; at++) {
    mixed = Math.imul(mixed ^ text.charCodeAt(at), 0x85ebca6b);
    mixed ^= mixed >>> 13;
  }
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return mixed ^ (mixed >>> 16);
}

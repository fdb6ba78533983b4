import { type ByteString } from "../byte-string.ts";
import type { Entry } from "../history/entry.ts";

/** 64 bits. */
export interface HashSum {
  readonly high: number;
  readonly low: number;
}

/** How much of a value is hashed at a time. */
const SCRATCH_BYTES = 4_096;

/**
 * A hash of the whole state that costs a little with each write and nothing to ask for: the sum of
 * 64 bits for each version and each lease, so that their order does not matter, and taking one out is
 * exact. One that is lost, extra or different shows, but for one chance in 2^64. Not against an enemy:
 * whoever chooses the values can make two states hash alike.
 *
 * Source: the mixing rounds are those of MurmurHash3_x86_32 (high half) and xxHash32 (low half),
 * two unlike ones, so that what one half misses the other does not.
 */
export class StateHash {
  readonly #scratch = Buffer.alloc(SCRATCH_BYTES);
  readonly #words = new Int32Array(this.#scratch.buffer, this.#scratch.byteOffset);
  #high = 0;
  #low = 0;
  #sumHigh = 0;
  #sumLow = 0;

  /** What was added and not removed; to go back to with `reset`. */
  get sum(): HashSum {
    return { high: this.#sumHigh, low: this.#sumLow };
  }

  reset({ high, low }: HashSum): void {
    this.#sumHigh = high;
    this.#sumLow = low;
  }

  add(entry: Entry): void {
    this.#mixEntry(entry);
    this.#addMixed(1);
  }

  remove(entry: Entry): void {
    this.#mixEntry(entry);
    this.#addMixed(-1);
  }

  addLease(id: number, ttlSeconds: number): void {
    this.#mixLease(id, ttlSeconds);
    this.#addMixed(1);
  }

  removeLease(id: number, ttlSeconds: number): void {
    this.#mixLease(id, ttlSeconds);
    this.#addMixed(-1);
  }

  /** 16 hexadecimal digits, for what is in, and these numbers. */
  digest(numbers: readonly number[]): string {
    this.#high = this.#sumHigh;
    this.#low = this.#sumLow;
    for (const number of numbers) this.#mixNumber(number);
    return hex(finished(this.#high)) + hex(finished(this.#low));
  }

  #mixEntry({ key, value, createRevision, modRevision, version, lease }: Entry): void {
    this.#high = 0;
    this.#low = 0;
    this.#mixBytes(key);
    this.#mixBytes(value);
    this.#mixNumber(createRevision);
    this.#mixNumber(modRevision);
    this.#mixNumber(version);
    this.#mixNumber(lease);
  }

  #mixLease(id: number, ttlSeconds: number): void {
    this.#high = 1;
    this.#low = 1;
    this.#mixNumber(id);
    this.#mixNumber(ttlSeconds);
  }

  #addMixed(sign: 1 | -1): void {
    this.#sumHigh = (this.#sumHigh + sign * finished(this.#high)) | 0;
    this.#sumLow = (this.#sumLow + sign * finished(this.#low)) | 0;
  }

  // The length goes first, so that ("a", "bc") and ("ab", "c") differ, and zeros at the end count.
  #mixBytes(bytes: ByteString): void {
    this.#mixNumber(bytes.length);
    for (let start = 0; start < bytes.length; start += SCRATCH_BYTES) {
      const part = bytes.length > SCRATCH_BYTES ? bytes.slice(start, start + SCRATCH_BYTES) : bytes;
      const words = (part.length + 3) >> 2;
      this.#words[words - 1] = 0; // what the last bytes do not fill
      this.#scratch.write(part, 0, "latin1");
      for (let at = 0; at < words; at++) this.#mix(this.#words[at] as number);
    }
  }

  #mixNumber(value: number): void {
    this.#mix(value | 0);
    this.#mix((value / 2 ** 32) | 0);
  }

  #mix(word: number): void {
    const spread = Math.imul(word, 0xcc9e2d51);
    const high = this.#high ^ Math.imul((spread << 15) | (spread >>> 17), 0x1b873593);
    this.#high = (Math.imul((high << 13) | (high >>> 19), 5) + 0xe6546b64) | 0;
    const low = (this.#low + Math.imul(word, 0x85ebca77)) | 0;
    this.#low = Math.imul((low << 13) | (low >>> 19), 0x9e3779b1);
  }
}

function finished(mixed: number): number {
  let hash = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}

function hex(word: number): string {
  return (word >>> 0).toString(16).padStart(8, "0");
}

import { type ByteString } from "../byte-string.ts";
import type { Entry } from "./entry.ts";

/** How much of a value is hashed at a time. */
const SCRATCH_BYTES = 4_096;

/**
 * A hash of the whole state that costs a little with each write and nothing to ask for: the sum of
 * 64 bits for each entry, so that the order of writes does not matter, and taking an entry out is
 * exact. A lost, extra or different entry shows, but for one chance in 2^64. Not against an enemy:
 * whoever chooses the values can make two states hash alike.
 *
 * Source: the mixing rounds are those of MurmurHash3_x86_32 (high half) and xxHash32 (low half),
 * two unlike ones, so that what one half misses the other does not.
 */
export class StateHash {
  readonly #scratch = Buffer.alloc(SCRATCH_BYTES);
  readonly #words = new Int32Array(this.#scratch.buffer, this.#scratch.byteOffset);
  #entryHigh = 0;
  #entryLow = 0;
  #sumHigh = 0;
  #sumLow = 0;

  /** Makes an entry, with its hash; it is not yet in the sum. */
  entry(
    key: ByteString,
    value: ByteString,
    createRevision: number,
    modRevision: number,
    version: number,
  ): Entry {
    this.#entryHigh = 0;
    this.#entryLow = 0;
    this.#mixBytes(key);
    this.#mixBytes(value);
    this.#mixNumber(createRevision);
    this.#mixNumber(modRevision);
    this.#mixNumber(version);
    const hashHigh = finished(this.#entryHigh);
    const hashLow = finished(this.#entryLow);
    return { key, value, createRevision, modRevision, version, hashHigh, hashLow };
  }

  add(entry: Entry): void {
    this.#sumHigh = (this.#sumHigh + entry.hashHigh) | 0;
    this.#sumLow = (this.#sumLow + entry.hashLow) | 0;
  }

  remove(entry: Entry): void {
    this.#sumHigh = (this.#sumHigh - entry.hashHigh) | 0;
    this.#sumLow = (this.#sumLow - entry.hashLow) | 0;
  }

  /** 16 hexadecimal digits, for the entries that are in, at this revision. */
  digest(revision: number): string {
    this.#entryHigh = this.#sumHigh;
    this.#entryLow = this.#sumLow;
    this.#mixNumber(revision);
    return hex(finished(this.#entryHigh)) + hex(finished(this.#entryLow));
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
    const high = this.#entryHigh ^ Math.imul((spread << 15) | (spread >>> 17), 0x1b873593);
    this.#entryHigh = (Math.imul((high << 13) | (high >>> 19), 5) + 0xe6546b64) | 0;
    const low = (this.#entryLow + Math.imul(word, 0x85ebca77)) | 0;
    this.#entryLow = Math.imul((low << 13) | (low >>> 19), 0x9e3779b1);
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

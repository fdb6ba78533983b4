import { compareBytes } from "../codec/compare-bytes.ts";
import { type Arena, KEY_OFFSET } from "./arena.ts";

/**
 * Sorts entries of an arena by their keys, and equal ones by where they stand in it.
 *
 * Each entry is one 64-bit number: four bytes of its key, how many there are (up to "more"), and its
 * reference. The native sort of a `BigUint64Array` does the work, without a call back or a BigInt.
 * What is equal in those four bytes and has more is sorted by the next four, and so on: a radix
 * sort from the front, whose buckets are found by sorting.
 */
export class EntrySorter {
  readonly #arena: Arena;
  readonly #order: BigUint64Array;
  /** The same memory as halves. */
  readonly #halves: Uint32Array;
  /** Ranges to be sorted yet, three numbers each: from, to, and the first byte that may differ. */
  readonly #pending: number[] = [];

  /** `order` has a reference in each low half (see `put`) and is sorted in place. */
  constructor(arena: Arena, order: BigUint64Array) {
    this.#arena = arena;
    this.#order = order;
    this.#halves = new Uint32Array(order.buffer, order.byteOffset, 2 * order.length);
  }

  put(index: number, ref: number): void {
    this.#halves[2 * index + LOW] = ref;
  }

  refAt(index: number): number {
    return this.#halves[2 * index + LOW]! & REF_MASK;
  }

  /** Sorts from `from` to before `to`; what stands there is in the order of the references. */
  sort(from: number, to: number): void {
    this.#pending.push(from, to, 0);
    while (this.#pending.length > 0) {
      const depth = this.#pending.pop()!;
      const end = this.#pending.pop()!;
      this.#sortRange(this.#pending.pop()!, end, depth);
    }
  }

  #sortRange(from: number, to: number, depth: number): void {
    if (to - from <= FEW) {
      this.#insertionSort(from, to, depth);
      return;
    }
    const start = depth === 0 ? 0 : this.#firstDifference(from, to, depth);
    for (let index = from; index < to; index++) this.#setPrefix(index, start);
    this.#order.subarray(from, to).sort();
    this.#findTies(from, to, start + PREFIX_BYTES);
  }

  #setPrefix(index: number, depth: number): void {
    const { bytes, words } = this.#arena;
    const ref = this.refAt(index);
    const left = words[2 * ref]! - depth;
    const at = 8 * ref + KEY_OFFSET + depth;
    const prefix =
      left >= PREFIX_BYTES
        ? (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!
        : shortPrefix(bytes, at, left);
    this.#halves[2 * index + HIGH] = prefix;
    this.#halves[2 * index + LOW] = ((left > PREFIX_BYTES ? MORE : left) << REF_BITS) | ref;
  }

  /** Notes the ranges that have more bytes to be sorted by. */
  #findTies(from: number, to: number, depth: number): void {
    const halves = this.#halves;
    let start = from;
    for (let index = from + 1; index <= to; index++) {
      const isTie =
        index < to &&
        halves[2 * index + HIGH] === halves[2 * start + HIGH] &&
        halves[2 * index + LOW]! >>> REF_BITS === halves[2 * start + LOW]! >>> REF_BITS;
      if (isTie) continue;
      if (index - start > 1 && halves[2 * start + LOW]! >>> REF_BITS === MORE) {
        this.#pending.push(start, index, depth);
      }
      start = index;
    }
  }

  /** Up to where all keys are the same: a level of sorting for each four bytes less. */
  #firstDifference(from: number, to: number, depth: number): number {
    const { bytes, words } = this.#arena;
    const first = this.refAt(from);
    const firstKey = 8 * first + KEY_OFFSET;
    let same = words[2 * first]!;
    for (let index = from + 1; index < to && same > depth; index++) {
      const ref = this.refAt(index);
      const key = 8 * ref + KEY_OFFSET;
      const limit = Math.min(same, words[2 * ref]!);
      let at = depth;
      while (at < limit && bytes[key + at] === bytes[firstKey + at]) at++;
      same = at;
    }
    return same;
  }

  #insertionSort(from: number, to: number, depth: number): void {
    const halves = this.#halves;
    for (let index = from; index < to; index++) {
      const ref = this.refAt(index);
      let at = index;
      while (at > from && this.#isBefore(ref, this.refAt(at - 1), depth)) {
        halves[2 * at + LOW] = halves[2 * (at - 1) + LOW]!;
        at--;
      }
      halves[2 * at + LOW] = ref;
    }
  }

  #isBefore(left: number, right: number, depth: number): boolean {
    const { bytes, words } = this.#arena;
    const leftKey = 8 * left + KEY_OFFSET;
    const rightKey = 8 * right + KEY_OFFSET;
    return (
      compareBytes(
        bytes,
        leftKey + depth,
        leftKey + words[2 * left]!,
        bytes,
        rightKey + depth,
        rightKey + words[2 * right]!,
      ) < 0
    );
  }
}

const PREFIX_BYTES = 4;
/** Stands for "more bytes than the prefix has"; it needs the three bits that references leave. */
const MORE = 5;
const REF_BITS = 29;
const REF_MASK = 2 ** REF_BITS - 1;
/** So many are sorted by insertion. */
const FEW = 12;

const LITTLE_ENDIAN = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;
const LOW = LITTLE_ENDIAN ? 0 : 1;
const HIGH = 1 - LOW;

/** The bytes that are there, then zeros; that they are fewer is told beside it. */
function shortPrefix(bytes: Uint8Array, at: number, count: number): number {
  let prefix = 0;
  for (let index = 0; index < count; index++) prefix |= bytes[at + index]! << (24 - 8 * index);
  return prefix;
}

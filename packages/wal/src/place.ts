import type { Batch } from "./batch.ts";

/** Segments are far smaller. */
const SEGMENT_SPAN = 2 ** 32;

/**
 * Where bytes stand in the log, as one number: the segment's number times 2^32, and the offset in it.
 * Room for 2^21 segments.
 */
export function placeOf(segment: number, offset: number): number {
  return segment * SEGMENT_SPAN + offset;
}

export function segmentAt(place: number): number {
  return Math.floor(place / SEGMENT_SPAN);
}

export function offsetAt(place: number): number {
  return place % SEGMENT_SPAN;
}

/** Finds out where records come to stand, whose batches are not written yet. */
export class PlaceNotes {
  readonly #batches: Batch[] = [];
  readonly #offsets: number[] = [];

  /** The next record is at `offset` of `batch`. */
  add(batch: Batch, offset: number): void {
    this.#batches.push(batch);
    this.#offsets.push(offset);
  }

  /** Of each record, in their order; once all their batches are written. */
  get places(): Float64Array {
    return Float64Array.from(this.#batches, ({ place }, at) => place + this.#offsets[at]!);
  }
}

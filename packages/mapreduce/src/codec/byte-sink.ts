import { copy } from "./copy.ts";

/** Bytes that grow at the end. Written to by codecs, reused from pair to pair. */
export class ByteSink {
  /** What is written stands before `length`; replaced by a larger one as it grows. */
  bytes: Uint8Array;
  /** Bytes written. Whoever writes after `reserve` moves it on. */
  length = 0;

  constructor(capacity = 256) {
    this.bytes = new Uint8Array(capacity);
  }

  /** Makes room for `count` more bytes after `length`. */
  reserve(count: number): void {
    const needed = this.length + count;
    if (needed <= this.bytes.length) return;
    const larger = new Uint8Array(Math.max(needed, 2 * this.bytes.length));
    larger.set(this.bytes.subarray(0, this.length));
    this.bytes = larger;
  }

  /** Appends a copy of the bytes from `start` to before `end`. */
  append(bytes: Uint8Array, start: number, end: number): void {
    this.reserve(end - start);
    copy(bytes, start, end, this.bytes, this.length);
    this.length += end - start;
  }
}

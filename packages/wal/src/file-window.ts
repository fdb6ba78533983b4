import type { File } from "@quorate/runtime";

/** Bytes read ahead at once: enough that the calls do not count, little enough to stay in cache. */
const WINDOW_BYTES = 2 ** 20;

/** Reads a file front to back in large pieces. */
export class FileWindow {
  readonly #file: File;
  readonly #size: number;
  readonly #reuse: boolean;
  #memory = new Uint8Array(0);
  #held = new Uint8Array(0);
  #start = 0;

  /** Of the first `size` bytes of `file`. With `reuse`, what `at` returned is valid only until the next call. */
  constructor(file: File, size: number, { reuse }: { readonly reuse: boolean }) {
    this.#file = file;
    this.#size = size;
    this.#reuse = reuse;
  }

  /** `length` bytes from `position` on when they are held already: without waiting, for hot loops. */
  held(position: number, length: number): Uint8Array | undefined {
    const at = position - this.#start;
    if (at < 0 || at + length > this.#held.length) return undefined;
    return this.#held.subarray(at, at + length);
  }

  /** `length` bytes from `position` on; fewer only at the end of the file. */
  async at(position: number, length: number): Promise<Uint8Array> {
    const held = this.held(position, length);
    if (held) return held;
    const left = Math.max(0, this.#size - position);
    const wanted = Math.min(Math.max(WINDOW_BYTES, length), left);
    const known = this.#held.subarray(Math.max(0, position - this.#start));
    const kept = position < this.#start ? 0 : known.length;
    const fits = this.#reuse && this.#memory.length >= wanted;
    const memory = fits ? this.#memory : new Uint8Array(wanted);
    if (kept > 0) memory.set(known);
    const rest = memory.subarray(kept, wanted);
    const count = kept + (await this.#file.read(rest, position + kept));
    this.#memory = memory;
    this.#held = memory.subarray(0, count);
    this.#start = position;
    return this.#held.subarray(0, Math.min(length, count));
  }
}

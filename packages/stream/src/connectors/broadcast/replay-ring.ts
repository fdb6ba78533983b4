/** What a client is sent. */
export interface Frame {
  readonly bytes: Uint8Array;
  readonly isText: boolean;
}

/** The last frames by their numbers, at most `maxBytes` of them: an older one goes for a newer. */
export class ReplayRing {
  readonly #maxBytes: number;
  readonly #frames = new Map<number, Frame>();
  #bytes = 0;
  /** Of the oldest frame. */
  #first = 0;
  /** Of the frame that comes next. */
  #next = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  get first(): number {
    return this.#first;
  }

  get next(): number {
    return this.#next;
  }

  /** Forgets all; the next frame has this number. */
  reset(next: number): void {
    this.#frames.clear();
    this.#bytes = 0;
    this.#first = next;
    this.#next = next;
  }

  push(frame: Frame): void {
    this.#frames.set(this.#next++, frame);
    this.#bytes += frame.bytes.byteLength;
    while (this.#bytes > this.#maxBytes) {
      this.#bytes -= this.#frames.get(this.#first)?.bytes.byteLength ?? 0;
      this.#frames.delete(this.#first++);
    }
  }

  /** Undefined: it is gone, or not there yet. */
  get(number: number): Frame | undefined {
    return this.#frames.get(number);
  }
}

/**
 * The one large piece of memory of a worker, given to its tasks one after the other. What they
 * leave in it stays: whoever takes it must not expect zeros.
 */
export class TaskMemory {
  #memory: ArrayBuffer | undefined;

  /** Good until the next call. */
  take(bytes: number): ArrayBuffer {
    if (this.#memory?.byteLength !== bytes) {
      this.#memory = undefined;
      this.#memory = new ArrayBuffer(bytes);
    }
    return this.#memory;
  }
}

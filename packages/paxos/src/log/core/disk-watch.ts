/** For how long the oldest write has been under way: a disk that hangs must not keep a cluster waiting. */
export class DiskWatch {
  #issued = 0;
  #done = 0;
  #pendingMs = 0;

  get pendingMs(): number {
    return this.#pendingMs;
  }

  issued(sequence: number): void {
    this.#issued = sequence;
  }

  done(sequence: number): void {
    this.#done = sequence;
    this.#pendingMs = 0;
  }

  tick(elapsedMs: number): void {
    if (this.#done < this.#issued) this.#pendingMs += elapsedMs;
  }
}

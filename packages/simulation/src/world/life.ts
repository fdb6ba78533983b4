/**
 * One life of a node, from its start to its crash. Whatever the world does to the node's program goes
 * through here: nothing happens to a program that is dead, and what happens to one that is paused
 * waits.
 */
export class Life {
  readonly #waiting: (() => void)[] = [];
  #alive = true;
  #paused = false;

  get isAlive(): boolean {
    return this.#alive;
  }

  get isPaused(): boolean {
    return this.#paused;
  }

  /** Runs `act` at once, later when the program is paused, never when it is dead. */
  enter(act: () => void): void {
    if (!this.#alive) return;
    if (this.#paused) this.#waiting.push(act);
    else act();
  }

  end(): void {
    this.#alive = false;
    this.#waiting.length = 0;
  }

  pause(): void {
    this.#paused = true;
  }

  /** Returns what has happened meanwhile, in its order: each must be `enter`ed as an event. */
  resume(): readonly (() => void)[] {
    this.#paused = false;
    return this.#waiting.splice(0);
  }
}

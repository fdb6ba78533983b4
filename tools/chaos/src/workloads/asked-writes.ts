import type { AskedWrite } from "./check-watched.ts";

/** Writes that were asked for, and when, as `checkWatched` takes them. */
export class AskedWrites {
  readonly #now: () => number;
  readonly #writes: AskedWrite[] = [];
  readonly #refused = new Set<number>();

  constructor(now: () => number) {
    this.#now = now;
  }

  /** All but those that were refused. */
  get writes(): readonly AskedWrite[] {
    return this.#writes.filter((_, at) => !this.#refused.has(at));
  }

  /** Its outcome is unknown for as long as it is not settled. */
  asks(name: string): number {
    return this.#writes.push({ name, call: this.#now(), return: null }) - 1;
  }

  settle(write: number, isDone: boolean): void {
    if (!isDone) this.#refused.add(write);
    this.#writes[write] = { ...this.#writes[write]!, return: this.#now() };
  }
}

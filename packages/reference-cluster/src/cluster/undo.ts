/** What has been started, to be ended in the opposite order. */
export class Undo {
  readonly #steps: (() => PromiseLike<unknown>)[] = [];
  #done: Promise<void> | undefined;

  add(step: () => PromiseLike<unknown>): void {
    this.#steps.push(step);
  }

  /** Takes every step, also after one that fails; a second call waits for the first. */
  all(): Promise<void> {
    this.#done ??= this.#all();
    return this.#done;
  }

  async #all(): Promise<void> {
    const failures: unknown[] = [];
    for (const step of this.#steps.toReversed()) {
      try {
        await step();
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) throw failures[0];
  }
}

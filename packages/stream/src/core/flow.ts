/** A place in a subtask through which records flow. */
export class Flow {
  /**
   * How much lies ahead that records should wait for: full buffers, operators that stopped in the
   * middle, inputs that had a barrier. What is fed while it is above 0 goes beyond their bounds.
   */
  blocked = 0;
}

/** Holds what flows into some place, from any distance within its subtask, while it is on. */
export class Brake {
  #isOn = false;
  readonly #before: Iterable<Flow>;

  constructor(before: Iterable<Flow>) {
    this.#before = before;
  }

  set(isOn: boolean): void {
    if (this.#isOn === isOn) return;
    this.#isOn = isOn;
    const change = isOn ? 1 : -1;
    for (const flow of this.#before) flow.blocked += change;
  }
}

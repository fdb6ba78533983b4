import type { Candidates, Chooser, Policy } from "../policy.ts";

/** Each in turn; weights are ignored. O(1). */
export class RoundRobin implements Policy {
  chooser(): Chooser {
    return new RoundRobinChooser();
  }
}

class RoundRobinChooser implements Chooser {
  #slots: Int32Array = new Int32Array();
  #count = 0;
  #at = -1;

  update({ slots, count }: Candidates): void {
    this.#slots = slots;
    this.#count = count;
  }

  pick(): number {
    this.#at++;
    if (this.#at >= this.#count) this.#at = 0;
    return this.#slots[this.#at] as number;
  }
}

import type { Channel } from "./channel.ts";

/** After an operator whose output nobody reads: tells that a barrier has come through. */
export class Leaf implements Channel<unknown> {
  readonly #onBarrier: () => void;

  constructor(onBarrier: () => void) {
    this.#onBarrier = onBarrier;
  }

  record(): void {}

  watermark(): void {}

  idle(): void {}

  barrier(): void {
    this.#onBarrier();
  }

  end(): void {}
}

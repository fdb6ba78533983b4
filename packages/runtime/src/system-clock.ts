import type { Clock, Timer } from "./clock.ts";

/** The longest delay that `setTimeout` takes; a longer one would fire at once. */
const LONGEST_TIMEOUT_MS = 2 ** 31 - 1;

/** The machine's clock. Timers keep the process alive until they fire or are cancelled. */
export const systemClock: Clock = {
  now: () => performance.now(),
  wallTime: () => Date.now(),
  setTimer: (delayMs, fire) => new SystemTimer(delayMs, fire),
};

class SystemTimer implements Timer {
  #timeout: NodeJS.Timeout;

  constructor(delayMs: number, fire: () => void) {
    this.#timeout = this.#wait(Math.ceil(delayMs), fire);
  }

  cancel(): void {
    clearTimeout(this.#timeout);
  }

  #wait(delayMs: number, fire: () => void): NodeJS.Timeout {
    if (delayMs <= LONGEST_TIMEOUT_MS) return setTimeout(fire, delayMs);
    return setTimeout(() => {
      this.#timeout = this.#wait(delayMs - LONGEST_TIMEOUT_MS, fire);
    }, LONGEST_TIMEOUT_MS);
  }
}

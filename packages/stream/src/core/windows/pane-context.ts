import type { TimeDomain } from "../time/key-timer.ts";
import type { TriggerContext } from "./triggers.ts";
import type { Window } from "./window.ts";

interface CountedWindow extends Window {
  readonly count: number;
}

/** One for all panes, so that a record makes none. */
export class PaneContext implements TriggerContext {
  window: CountedWindow = { startMs: 0, endMs: 0, count: 0 };
  readonly setTimer: TriggerContext["setTimer"];
  readonly #watermarkMs: () => number;
  readonly #nowMs: () => number;

  constructor(
    watermarkMs: () => number,
    nowMs: () => number,
    setTimer: (domain: TimeDomain, timeMs: number, namespace: number) => void,
  ) {
    this.#watermarkMs = watermarkMs;
    this.#nowMs = nowMs;
    this.setTimer = (domain, timeMs) => setTimer(domain, timeMs, this.window.startMs);
  }

  of(pane: CountedWindow): this {
    this.window = pane;
    return this;
  }

  get count(): number {
    return this.window.count;
  }

  get watermarkMs(): number {
    return this.#watermarkMs();
  }

  get processingTimeMs(): number {
    return this.#nowMs();
  }
}

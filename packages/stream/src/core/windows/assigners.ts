import { StreamError } from "../../stream-error.ts";
import type { TimeDomain } from "../time/key-timer.ts";
import type { Window } from "./window.ts";

/** Which windows a record belongs to. */
export interface WindowAssigner {
  /** `processing`: `assign` is given the clock's time instead of the record's. */
  readonly domain: TimeDomain;
  /** Windows of one key that touch become one: sessions. */
  readonly isMerging: boolean;
  assign(timeMs: number): readonly Window[];
}

export interface WindowOptions {
  /**
   * Windows start at multiples of their size (or slide) plus this.
   *
   * @default 0
   */
  readonly offsetMs?: number;
  /** @default "event" */
  readonly domain?: TimeDomain;
}

/** Windows of one size, one after the other. */
export function tumbling(
  sizeMs: number,
  { offsetMs = 0, domain = "event" }: WindowOptions = {},
): WindowAssigner {
  checkLength("sizeMs", sizeMs);
  // Neighbouring records mostly share their window: it is made once.
  let windows: readonly [Window] = [{ startMs: Infinity, endMs: Infinity }];
  return {
    domain,
    isMerging: false,
    assign(timeMs) {
      const [{ startMs, endMs }] = windows;
      if (timeMs >= startMs && timeMs < endMs) return windows;
      const fromMs = startOf(timeMs, sizeMs, offsetMs);
      windows = [{ startMs: fromMs, endMs: fromMs + sizeMs }];
      return windows;
    },
  };
}

/** Windows of one size, one starting every `slideMs`: a record is in `sizeMs / slideMs` of them. */
export function sliding(
  sizeMs: number,
  slideMs: number,
  { offsetMs = 0, domain = "event" }: WindowOptions = {},
): WindowAssigner {
  checkLength("sizeMs", sizeMs);
  checkLength("slideMs", slideMs);
  // Neighbouring records mostly share their windows: they are made once.
  const isWhole = sizeMs % slideMs === 0;
  let lastStartMs = Infinity;
  let windows: Window[] = [];
  return {
    domain,
    isMerging: false,
    assign(timeMs) {
      let startMs = startOf(timeMs, slideMs, offsetMs);
      if (isWhole && startMs === lastStartMs) return windows;
      lastStartMs = startMs;
      windows = [];
      for (; startMs > timeMs - sizeMs; startMs -= slideMs) {
        windows.push({ startMs, endMs: startMs + sizeMs });
      }
      return windows;
    },
  };
}

/** Windows that go on while records come less than or exactly `gapMs` apart. */
export function session(
  gapMs: number,
  { domain = "event" }: Pick<WindowOptions, "domain"> = {},
): WindowAssigner {
  checkLength("gapMs", gapMs);
  return {
    domain,
    isMerging: true,
    assign: (timeMs) => [{ startMs: timeMs, endMs: timeMs + gapMs }],
  };
}

/** One window a key that never ends: only a trigger makes it emit. */
export function global(): WindowAssigner {
  const windows = [{ startMs: 0, endMs: Infinity }];
  return { domain: "event", isMerging: false, assign: () => windows };
}

function startOf(timeMs: number, everyMs: number, offsetMs: number): number {
  return Math.floor((timeMs - offsetMs) / everyMs) * everyMs + offsetMs;
}

function checkLength(name: string, ms: number): void {
  if (!(ms > 0 && ms < Infinity)) {
    throw new StreamError("invalid-option", `${name} must be above 0 and finite, not ${ms}`);
  }
}

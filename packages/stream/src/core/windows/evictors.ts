import { StreamError } from "../../stream-error.ts";
import type { Window } from "./window.ts";

export interface WindowElement<T> {
  readonly value: T;
  readonly timestampMs: number;
}

/** Drops elements of a window when it emits; they do not come back. */
export interface Evictor<T> {
  /** Whether the window's function is given what is evicted. */
  readonly when: "before" | "after";
  /** What stays, in its order. `elements` are in the order in which they came. */
  keep<Of extends T>(
    elements: readonly WindowElement<Of>[],
    window: Window,
  ): readonly WindowElement<Of>[];
}

export interface EvictorOptions {
  /** @default "before" */
  readonly when?: "before" | "after";
}

/** Keeps the last `count` to arrive. */
export function countEvictor(
  count: number,
  { when = "before" }: EvictorOptions = {},
): Evictor<unknown> {
  if (!(Number.isInteger(count) && count >= 0)) {
    throw new StreamError("invalid-option", `count must be a whole number from 0, not ${count}`);
  }
  return { when, keep: (elements) => elements.slice(Math.max(0, elements.length - count)) };
}

/** Keeps those that are less than `spanMs` older than the newest of the window. */
export function timeEvictor(
  spanMs: number,
  { when = "before" }: EvictorOptions = {},
): Evictor<unknown> {
  if (!(spanMs > 0)) {
    throw new StreamError("invalid-option", `spanMs must be above 0, not ${spanMs}`);
  }
  return {
    when,
    keep(elements) {
      const newestMs = elements.reduce(
        (highest, { timestampMs }) => Math.max(highest, timestampMs),
        -Infinity,
      );
      return elements.filter(({ timestampMs }) => timestampMs > newestMs - spanMs);
    },
  };
}

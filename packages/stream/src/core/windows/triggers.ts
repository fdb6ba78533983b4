import type { TimeDomain } from "../time/key-timer.ts";
import { lastMs, type Window } from "./window.ts";

/** `fire` emits the window's result, `purge` empties it. */
export type TriggerResult = "continue" | "fire" | "purge" | "fire-and-purge";

/** A window of a key, as its trigger sees it. */
export interface TriggerContext {
  readonly window: Window;
  /** Records since the last purge. */
  readonly count: number;
  readonly watermarkMs: number;
  readonly processingTimeMs: number;
  /** A timer of this window: `onTimer` follows, if the window is still there. */
  setTimer(domain: TimeDomain, timeMs: number): void;
}

/** When a window emits. Without state of its own: what it needs to know is in the context. */
export interface Trigger<T> {
  /** After the record was added, and after windows that it joined became one. */
  onRecord(value: T, timestampMs: number, context: TriggerContext): TriggerResult;
  onTimer(domain: TimeDomain, timeMs: number, context: TriggerContext): TriggerResult;
}

/** Once when the watermark passes the window's end, then again for each late record. */
export const eventTimeTrigger: Trigger<unknown> = {
  onRecord(_, __, context) {
    const endsMs = lastMs(context.window);
    if (endsMs <= context.watermarkMs) return "fire";
    context.setTimer("event", endsMs);
    return "continue";
  },
  onTimer: (domain, timeMs, { window }) =>
    domain === "event" && timeMs === lastMs(window) ? "fire" : "continue",
};

/** When the clock passes the window's end. */
export const processingTimeTrigger: Trigger<unknown> = {
  onRecord(_, __, context) {
    context.setTimer("processing", lastMs(context.window));
    return "continue";
  },
  onTimer: (domain, timeMs, { window }) =>
    domain === "processing" && timeMs === lastMs(window) ? "fire" : "continue",
};

/** Never: the trigger of global windows, unless another is given. */
export const neverTrigger: Trigger<unknown> = {
  onRecord: () => "continue",
  onTimer: () => "continue",
};

/** At each `count`th record of a window; empties it then. */
export function countTrigger(count: number): Trigger<unknown> {
  return {
    onRecord: (_, __, context) => (context.count >= count ? "fire-and-purge" : "continue"),
    onTimer: () => "continue",
  };
}

/** At each `count`th record of a window, which keeps what it has: give it an evictor. */
export function everyCountTrigger(count: number): Trigger<unknown> {
  return {
    onRecord: (_, __, context) => (context.count % count === 0 ? "fire" : "continue"),
    onTimer: () => "continue",
  };
}

/**
 * Early results: at each multiple of `everyMs` of the given clock while the window is open, and when
 * the watermark passes its end.
 */
export function continuousTrigger(everyMs: number, domain: TimeDomain): Trigger<unknown> {
  const nextMs = (nowMs: number): number => (Math.floor(nowMs / everyMs) + 1) * everyMs;
  return {
    onRecord(value, timestampMs, context) {
      const nowMs = domain === "event" ? timestampMs : context.processingTimeMs;
      context.setTimer(domain, nextMs(nowMs));
      return eventTimeTrigger.onRecord(value, timestampMs, context);
    },
    onTimer(of, timeMs, context) {
      if (of === "event" && timeMs === lastMs(context.window)) return "fire";
      if (of !== domain || timeMs % everyMs !== 0) return "continue";
      if (nextMs(timeMs) < context.window.endMs) context.setTimer(domain, nextMs(timeMs));
      return "fire";
    },
  };
}

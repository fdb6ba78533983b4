import { pause as pauseBy, systemClock } from "@quorate/runtime";

/** Resolves after `ms` milliseconds, or at once when `signal` aborts. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  return pauseBy(systemClock, ms, [signal]);
}

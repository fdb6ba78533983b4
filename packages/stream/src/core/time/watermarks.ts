import { StreamError } from "../../stream-error.ts";

/**
 * Where event time comes from and how far it has surely come. A function of the records alone, not of
 * batches or clocks, so a replay makes the same watermarks at the same places.
 */
export interface WatermarkStrategy<T> {
  readonly timestampOf: (value: T) => number;
  /** The watermark after a record; anything that is not above the last one changes nothing. */
  readonly after: (value: T, timestampMs: number) => number;
  /** Processing time without a record after which the source is idle. `Infinity`: never. */
  readonly idleAfterMs: number;
}

export interface WatermarkOptions {
  /** @default Infinity */
  readonly idleAfterMs?: number;
}

export interface BoundedDisorderOptions extends WatermarkOptions {
  /**
   * By how many milliseconds a watermark is at least above the one before; more is cheaper and later.
   *
   * @default 1
   */
  readonly everyMs?: number;
}

/** Records come at most `boundMs` after others with higher timestamps; those beyond are late. */
export function boundedDisorder<T>(
  timestampOf: (value: T) => number,
  boundMs: number,
  { idleAfterMs = Infinity, everyMs = 1 }: BoundedDisorderOptions = {},
): WatermarkStrategy<T> {
  if (!(boundMs >= 0 && boundMs < Infinity)) {
    throw new StreamError("invalid-option", `boundMs must be 0 or above, not ${boundMs}`);
  }
  if (!(everyMs > 0)) throw new StreamError("invalid-option", "everyMs must be above 0");
  checkIdle(idleAfterMs);
  return {
    timestampOf,
    idleAfterMs,
    // Rounded down to a multiple: no state, so any record finds the same watermark.
    after:
      everyMs === 1
        ? (_, timestampMs) => timestampMs - boundMs - 1
        : (_, timestampMs) => Math.floor((timestampMs - boundMs) / everyMs) * everyMs - 1,
  };
}

/** Some records carry a watermark: `watermarkOf` returns it, or undefined. */
export function punctuated<T>(
  timestampOf: (value: T) => number,
  watermarkOf: (value: T, timestampMs: number) => number | undefined,
  { idleAfterMs = Infinity }: WatermarkOptions = {},
): WatermarkStrategy<T> {
  checkIdle(idleAfterMs);
  return {
    timestampOf,
    idleAfterMs,
    after: (value, timestampMs) => watermarkOf(value, timestampMs) ?? -Infinity,
  };
}

/** Records without event time: all timestamps are 0, and no watermark comes before the end. */
export function noEventTime<T>(): WatermarkStrategy<T> {
  return { timestampOf: () => 0, after: () => -Infinity, idleAfterMs: Infinity };
}

function checkIdle(idleAfterMs: number): void {
  if (!(idleAfterMs > 0)) {
    throw new StreamError("invalid-option", `idleAfterMs must be above 0, not ${idleAfterMs}`);
  }
}

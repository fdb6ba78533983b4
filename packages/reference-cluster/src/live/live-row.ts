/** A key of the live counts and what it holds now, in place of what it held: any plain value. */
export interface LiveRow {
  readonly key: string;
  readonly value: unknown;
  /** The start of the row's window; absent in totals, which are never forgotten. */
  readonly startMs?: number;
}

/** All keys of the live counts. */
export const LIVE = "live/";
/** The checkpoint that the rows are of. */
export const LIVE_CHECKPOINT = "live/checkpoint";
/** By district: all orders there ever were. */
export const LIVE_TOTALS = "live/totals/";
/** By district: orders that came too late for their window; they are in the totals. */
export const LIVE_LATE = "live/late/";
/** By the start of the minute and district. */
export const LIVE_MINUTES = "live/minutes/";
/** By the start of the window. */
export const LIVE_DISHES = "live/dishes/";
/** By the start of the minute and district. */
export const LIVE_DELAYS = "live/delays/";

/** Wide enough for any time, so that the order of the keys is that of the times. */
const TIME_DIGITS = 15;

/** The part of a key that says when its window starts. */
export function timeKey(startMs: number): string {
  return String(startMs).padStart(TIME_DIGITS, "0");
}

/** A total by district. */
export function totalRow(prefix: string, district: string, value: unknown): LiveRow {
  return { key: prefix + district, value };
}

/** What a window came to, so far; `of` is the district, if there is one for each. */
export function windowRow(prefix: string, startMs: number, value: unknown, of = ""): LiveRow {
  return { key: `${prefix}${timeKey(startMs)}/${of}`, value, startMs };
}

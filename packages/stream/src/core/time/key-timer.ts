import type { Row } from "../state/row.ts";

/** Which clock a timer or window goes by: the watermark, or the clock of the machine. */
export type TimeDomain = "event" | "processing";

/** A timer of a key; one for each time, domain and namespace. */
export interface KeyTimer<K> {
  readonly row: Row<K>;
  readonly domain: TimeDomain;
  readonly timeMs: number;
  /** Sets the timers of a key's windows apart. */
  readonly namespace: number;
  /** Timers of one time fire in the order in which they were set, after a restore, too. */
  readonly sequence: number;
  /** Where it is in the heap; -1 when it is in none. */
  at: number;
}

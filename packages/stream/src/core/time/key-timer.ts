import type { Row } from "../state/row.ts";
import type { Moment } from "./timer-heap.ts";

/** Which clock a timer or window goes by: the watermark, or the clock of the machine. */
export type TimeDomain = "event" | "processing";

/** A timer of a key; one for each time, domain and namespace. */
export class KeyTimer<K> {
  readonly row: Row<K>;
  readonly domain: TimeDomain;
  readonly timeMs: number;
  /** Sets the timers of a key's windows apart. */
  readonly namespace: number;
  /** Timers of one time fire in the order in which they were set, after a restore, too. */
  readonly sequence: number;
  /** Where it waits, while it does: among the timers of its time. */
  moment: Moment<K> | undefined = undefined;
  before: KeyTimer<K> | undefined = undefined;
  after: KeyTimer<K> | undefined = undefined;

  constructor(
    row: Row<K>,
    domain: TimeDomain,
    timeMs: number,
    namespace: number,
    sequence: number,
  ) {
    this.row = row;
    this.domain = domain;
    this.timeMs = timeMs;
    this.namespace = namespace;
    this.sequence = sequence;
  }
}

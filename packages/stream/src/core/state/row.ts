import type { KeyTimer } from "../time/key-timer.ts";

/** Of rows that have none: most rows of most operators. */
export const NO_TIMERS: never[] = [];

/** All that an operator keeps of one key: found once a record, whatever the number of its states. */
export class Row<K> {
  readonly key: K;
  /** A place for each declared state; undefined where it is empty. */
  readonly slots: unknown[];
  timers: KeyTimer<K>[] = NO_TIMERS;
  /** Slots and timers that are in use; a row without any is dropped. */
  used = 0;
  /** Its place among the rows of the next layer; -1 when it is not in it. */
  changedAt = -1;
  /** A layer has it. */
  isKept = false;

  constructor(key: K, slots: number) {
    this.key = key;
    // Of its very length: an array that grows has room for 17.
    this.slots = slots === 1 ? [undefined] : Array.from({ length: slots });
  }
}

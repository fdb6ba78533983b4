import type { OnRecordError } from "./operator-input.ts";

/** An operator that hands records on later than they come, when what it waits for elsewhere is there. */
export interface Deferred {
  /** Records that came and were not handed on yet. */
  readonly size: number;
  /**
   * Hands on what is complete; whether anything was. Called between batches, while what follows has
   * room; it should stop once that has none any more.
   *
   * @throws {StreamError} `record-failed`
   */
  flush(): boolean;
}

/** What such an operator may do about those that drive it. */
export interface Deferral {
  /** Holds all that comes to the operator while it is on. */
  hold(isOn: boolean): void;
  /** There is something to flush. */
  wake(): void;
  /** What the error policy says about a record that failed: throws, or it is dealt with. */
  readonly failed: OnRecordError;
}

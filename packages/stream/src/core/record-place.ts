import type { OutputTag } from "./output-tag.ts";

/** Where a record was read. */
export interface RecordPlace {
  /** Id of the source in the pipeline. */
  readonly source: string;
  readonly split: string;
  /** Of the batch: reading on from here, the record comes again. Undefined: from the split's start. */
  readonly position: unknown;
  /** The record's number in what is read from `position`, from 0. */
  readonly index: number;
}

/** A record that an operator failed on. */
export interface DeadLetter<T = unknown> {
  readonly record: T;
  readonly timestampMs: number;
  /** The id of the operator that failed. */
  readonly operator: string;
  readonly message: string;
  /** Of the record of a source that led to it; undefined behind an exchange between subtasks. */
  readonly place: RecordPlace | undefined;
}

/**
 * What becomes of a record on which an operator's function throws.
 *
 * - `fail`: the run fails with `record-failed`, and restarts as its strategy says.
 * - `skip`: the record is dropped, and counted.
 * - `deadLetter(tag)`: it goes to that side output of the operator, and is counted.
 *
 * What the operator did before it threw, to its state or by emitting, stays. What a timer throws fails.
 */
export type ErrorPolicy = "fail" | "skip" | { readonly deadLetter: OutputTag<DeadLetter> };

export function deadLetter<T>(tag: OutputTag<DeadLetter<T>>): ErrorPolicy {
  return { deadLetter: tag };
}

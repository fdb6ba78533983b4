/**
 * One edge of a running pipeline: what an operator calls to hand on to the next. Records, watermarks
 * and barriers travel in one order, as method calls, so a chain of operators is a chain of calls and
 * nothing is allocated, queued or awaited between them.
 *
 * Source: P. Carbone et al., "State Management in Apache Flink", VLDB 10(12), 2017, section 3.
 */
export interface Channel<T> {
  /** `timestampMs`: event time, in milliseconds of any epoch. */
  record(value: T, timestampMs: number): void;
  /** No record with a timestamp of `ms` or less follows, except late ones. Never goes back. */
  watermark(ms: number): void;
  /** This input no longer holds its reader's watermark back, until its next watermark. */
  idle(): void;
  /** What came before belongs to checkpoint `checkpointId`, what follows does not. */
  barrier(checkpointId: number): void;
  /** Nothing follows. Comes after a watermark of `Infinity`. */
  end(): void;
}

/** A place in the log and the term of its entry. `{ index: 0, term: 0 }` is before the first entry. */
export interface LogPosition {
  readonly index: number;
  readonly term: number;
}

export const LOG_START: LogPosition = { index: 0, term: 0 };

/**
 * §5.4.1: "If the logs have last entries with different terms, then the log with the later term is
 * more up-to-date. If the logs end with the same term, then whichever log is longer is more
 * up-to-date."
 */
export function isAtLeastAsUpToDate(log: LogPosition, other: LogPosition): boolean {
  return log.term === other.term ? log.index >= other.index : log.term > other.term;
}

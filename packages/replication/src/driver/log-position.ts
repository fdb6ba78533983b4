/** A place in the log and the term of its entry. `{ index: 0, term: 0 }` is before the first entry. */
export interface LogPosition {
  readonly index: number;
  readonly term: number;
}

export const LOG_START: LogPosition = { index: 0, term: 0 };

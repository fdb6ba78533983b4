/**
 * Why a node cannot start or go on, or a call failed. A closed list:
 *
 * - `invalid-option`: an option or argument is out of its range; the message names it.
 * - `too-large`: a value is above `maxValueBytes`. Nothing was done.
 * - `overloaded`: too many callers wait already. Nothing was done.
 * - `not-started`: `start` was not called, or has not resolved.
 * - `stopped`: the node was stopped, or had to stop by itself (`cause`). What was under way may
 *   still happen.
 * - `wrong-directory`: the data belongs to another node.
 * - `damaged`: a file holds what was not written there, or lacks what was; nothing was changed.
 * - `storage-failed`: a write failed. Final: the node has stopped, and must be opened anew.
 * - `invariant-broken`: the algorithm broke a promise. Final, as above.
 * - `malformed`: bytes are not what this version of the program writes or sends.
 */
export type PaxosErrorCode =
  | "invalid-option"
  | "too-large"
  | "overloaded"
  | "not-started"
  | "stopped"
  | "wrong-directory"
  | "damaged"
  | "storage-failed"
  | "invariant-broken"
  | "malformed";

/** The only error that this package throws of its own. */
export class PaxosError extends Error {
  override readonly name = "PaxosError";
  readonly code: PaxosErrorCode;

  constructor(code: PaxosErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

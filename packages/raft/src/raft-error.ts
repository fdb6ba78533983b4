/**
 * Why a node cannot start or go on. A closed list:
 *
 * - `invalid-option`: an option or argument is out of its range; the message names it.
 * - `not-started`: `start` was not called, or has not resolved.
 * - `wrong-directory`: the data belongs to another node, or to a cluster of other voters.
 * - `damaged`: a file holds what was not written there; `cause` says where. Nothing was changed.
 * - `storage-failed`: a write failed. Final: the node has stopped, and must be opened anew.
 * - `invariant-broken`: the algorithm or the state machine broke a promise. Final, as above.
 */
export type RaftErrorCode =
  | "invalid-option"
  | "not-started"
  | "wrong-directory"
  | "damaged"
  | "storage-failed"
  | "invariant-broken";

/** The only error that this package throws of its own; how proposals and reads end is in replication. */
export class RaftError extends Error {
  override readonly name = "RaftError";
  readonly code: RaftErrorCode;

  constructor(code: RaftErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/**
 * Why a call failed. A closed list:
 *
 * - `invalid-option`: an option or argument is out of its range; the message names it.
 * - `unavailable`: no quorum answered in time, so that freshness cannot be shown. Nothing was done.
 * - `stopped`: the node was stopped, or was not started.
 * - `corrupt`: bytes that a log or a snapshot gave are not what was put there.
 * - `wrong-directory`: the data belongs to another node, or to another cluster.
 * - `damaged`: a file holds what was not written there; `cause` says where. Nothing was changed.
 * - `storage-failed`: a write failed. Final: the node has stopped, and must be opened anew.
 * - `invariant-broken`: the algorithm or the state machine broke a promise. Final, as above.
 */
export type ReplicationErrorCode =
  | "invalid-option"
  | "unavailable"
  | "stopped"
  | "corrupt"
  | "wrong-directory"
  | "damaged"
  | "storage-failed"
  | "invariant-broken";

/** The only error that a replicated log, and a node of one, throw of their own; how a *proposal* ends is an `Outcome`. */
export class ReplicationError extends Error {
  override readonly name = "ReplicationError";
  readonly code: ReplicationErrorCode;

  constructor(code: ReplicationErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

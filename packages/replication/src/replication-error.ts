/**
 * Why a call failed. A closed list:
 *
 * - `invalid-option`: an option or argument is out of its range; the message names it.
 * - `unavailable`: no quorum answered in time, so that freshness cannot be shown. Nothing was done.
 * - `stopped`: the node was stopped, or was not started.
 * - `corrupt`: bytes that a log or a snapshot gave are not what was put there.
 */
export type ReplicationErrorCode = "invalid-option" | "unavailable" | "stopped" | "corrupt";

/** The only error that a replicated log throws of its own; how a *proposal* ends is an `Outcome`. */
export class ReplicationError extends Error {
  override readonly name = "ReplicationError";
  readonly code: ReplicationErrorCode;

  constructor(code: ReplicationErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

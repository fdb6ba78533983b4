/**
 * Why a call failed. A closed list: callers may switch on it exhaustively.
 *
 * - `invalid-option`: an option or argument is out of its range; the message names it.
 * - `acquire-timeout` (`AcquireTimeout`): `waitMs` passed first. The lock was never held.
 * - `aborted` (`Aborted`): the caller's signal aborted first. The lock was never held.
 * - `lock-lost` (`LockLost`): the lock was held, and is no more; its `cause` says why.
 * - `session-expired`: the session that the caller chose ended while it waited. Never held.
 * - `unreachable`: the store did not answer in time; `cause` has what it said, if anything.
 * - `overloaded`: `maxWaiting` callers wait already. Nothing was asked of the store.
 * - `stale-token`: a fenced resource has seen a newer token. Nothing was done.
 * - `stopped`: these locks were stopped. Never held, or released by that.
 */
export type LockErrorCode =
  | "invalid-option"
  | "acquire-timeout"
  | "aborted"
  | "lock-lost"
  | "session-expired"
  | "unreachable"
  | "overloaded"
  | "stale-token"
  | "stopped";

/** The only error that this package throws of its own; three codes have a class that says so too. */
export class LockError extends Error {
  override readonly name: string = "LockError";
  readonly code: LockErrorCode;

  constructor(code: LockErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** The lock did not become free in time. `cause`: why the store could not be asked, if that was it. */
export class AcquireTimeout extends LockError {
  override readonly name = "AcquireTimeout";

  constructor(message: string, options?: ErrorOptions) {
    super("acquire-timeout", message, options);
  }
}

/** The caller gave up waiting. `cause`: its signal's reason. */
export class Aborted extends LockError {
  override readonly name = "Aborted";

  constructor(message: string, options?: ErrorOptions) {
    super("aborted", message, options);
  }
}

/**
 * - `expired`: the store ended the session, since no renewal reached it in time.
 * - `revoked`: somebody took the lock away: `forceRelease`, or `stop` of these locks.
 * - `unreachable`: no renewal was acknowledged in time; what the store thinks is not known.
 */
export type LossCause = "expired" | "revoked" | "unreachable";

/** The lock was held and is no more: somebody else may hold it. */
export class LockLost extends LockError {
  override readonly name = "LockLost";
  declare readonly cause: LossCause;

  constructor(cause: LossCause, message: string) {
    super("lock-lost", message, { cause });
  }
}

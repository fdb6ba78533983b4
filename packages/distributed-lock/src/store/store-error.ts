/**
 * Why an external store rejected a call. A closed list. Whatever the code, the call's effect is
 * *unknown* unless it says otherwise here.
 *
 * - `invalid-option`: an option is out of its range; the message names it. Nothing was sent.
 * - `unreachable`: the server did not answer in time, or the connection broke; `cause` has the
 *   client's own error.
 * - `unsupported`: what lies between cannot do what locks need (a pooler that gives each transaction
 *   another connection), or this store cannot do it for a session that another one opened. Surely not
 *   done.
 * - `stopped`: the store was closed, or is being closed. Surely not done.
 */
export type StoreErrorCode = "invalid-option" | "unreachable" | "unsupported" | "stopped";

/** The only error of their own that the external stores reject with. */
export class StoreError extends Error {
  override readonly name = "StoreError";
  readonly code: StoreErrorCode;

  constructor(code: StoreErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/**
 * Why a history could not be recorded, read or checked. A closed list:
 *
 * - `invalid-option`: an option or argument is out of its range; the message names it.
 * - `already-settled`: an operation is to be completed or failed that was before, or never invoked.
 * - `history-full`: `maxOperations` are recorded. The operation was not, and must not be started.
 * - `malformed-history`: a line is no operation, or an operation returns before it is called.
 * - `unknown-operation`: the model has no such operation.
 * - `invalid-model`: a model breaks its contract; the message says how.
 */
export type CheckerErrorCode =
  | "invalid-option"
  | "already-settled"
  | "history-full"
  | "malformed-history"
  | "unknown-operation"
  | "invalid-model";

/** The only error that histories and checkers throw of their own. */
export class CheckerError extends Error {
  override readonly name = "CheckerError";
  readonly code: CheckerErrorCode;

  constructor(code: CheckerErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

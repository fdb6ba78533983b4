/**
 * Why a call failed. A closed list: callers may switch on it exhaustively.
 *
 * - `invalid-option`: an option or argument is out of its range; the message names it.
 * - `unavailable`: the store could not be read before the deadline; `cause` has its error.
 * - `stopped`: the store's client was stopped.
 * - `superseded`: another process has registered an instance of the same id.
 * - `malformed-record`: the store holds what no registry wrote, where instances stand.
 */
export type RegistryErrorCode =
  | "invalid-option"
  | "unavailable"
  | "stopped"
  | "superseded"
  | "malformed-record";

/** The only error that this package throws of its own. */
export class RegistryError extends Error {
  override readonly name = "RegistryError";
  readonly code: RegistryErrorCode;

  constructor(code: RegistryErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** @throws {RegistryError} `invalid-option`. */
export function requireThat(holds: boolean, message: string): void {
  if (!holds) throw new RegistryError("invalid-option", message);
}

/** @throws {RegistryError} `invalid-option`: a time that is not above 0. */
export function requireTimes(times: Readonly<Record<string, number>>): void {
  for (const [name, ms] of Object.entries(times)) {
    requireThat(ms > 0, `${name} must be above 0, not ${ms}`);
  }
}

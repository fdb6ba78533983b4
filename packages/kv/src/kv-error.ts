/**
 * Why a command was refused. A closed list; in all cases it changed nothing, on any replica.
 *
 * - `malformed`: the bytes are no command.
 * - `unsupported-version`: they are one of a later version of this package.
 * - `empty-key`: a key has no bytes.
 * - `duplicate-key`: a transaction writes a key twice, or puts one that it deletes.
 * - `too-many-operations`: above `MAX_OPERATIONS`, nested transactions included.
 * - `request-too-large`: above `MAX_REQUEST_BYTES`.
 * - `result-too-large`: the result would be above `MAX_RESULT_BYTES`: ask for less, with a limit.
 * - `not-a-read`: a query that would change the state.
 * - `future-revision`: a revision above the current one was to be read or compacted.
 * - `compacted`: one below the compacted one was to be read, or one not above it to be compacted.
 * - `value-provided`, `lease-provided`: a put that keeps the value or the lease also gives one.
 * - `key-not-found`: a put that keeps the value or the lease, of a key that does not exist.
 * - `lease-not-found`: no lease has this id (any more).
 * - `lease-exists`: a lease with this id was granted already.
 * - `lease-ttl-too-large`: above `MAX_LEASE_TTL_SECONDS`.
 * - `no-space`: the store is, or would be, above its quota. Deletes, reads and compaction go on;
 *   writes do once it was disarmed.
 * - `key-too-large`: above what the store's engine takes.
 */
export type CommandErrorCode = (typeof COMMAND_ERROR_CODES)[number];

/** In the order of their numbers in an encoded result: new ones go to the end. */
export const COMMAND_ERROR_CODES = [
  "malformed",
  "unsupported-version",
  "empty-key",
  "duplicate-key",
  "too-many-operations",
  "request-too-large",
  "result-too-large",
  "not-a-read",
  "future-revision",
  "compacted",
  "value-provided",
  "lease-provided",
  "key-not-found",
  "lease-not-found",
  "lease-exists",
  "lease-ttl-too-large",
  "no-space",
  "key-too-large",
] as const;

/**
 * Why a call failed. A closed list; how a *write* through the client ends is a `WriteOutcome`.
 *
 * - those of `CommandErrorCode`.
 * - `invalid-option`: an option or argument is out of its range; the message names it.
 * - `unavailable`: no node answered a read before its deadline, took a grant, or could tell a watch;
 *   `cause` has the last failure.
 * - `unknown`: a grant may have been carried out, and no answer came: then its lease runs out by itself.
 * - `lease-expired`: as far as this client knows, the lease's time is over: it could not be renewed.
 * - `overloaded`: as many calls are under way as `maxInflight` allows, or watches as a stream or lease
 *   of a client may have. Nothing was done.
 * - `stopped`: the client was stopped, or the lease was given up by its owner.
 * - `corrupt`: bytes that a snapshot or a backup gave, or a node answered, are not what was put there.
 * - `truncated`: a backup ends before its final mark.
 * - `wrong-part`: a part of a backup does not go on where the one before it ends.
 * - `not-empty`: the store that a backup was to be imported into has been written to.
 */
export type KvErrorCode =
  | CommandErrorCode
  | "invalid-option"
  | "unavailable"
  | "unknown"
  | "lease-expired"
  | "overloaded"
  | "stopped"
  | "corrupt"
  | "truncated"
  | "wrong-part"
  | "not-empty";

/** The only error that this package throws of its own. */
export class KvError extends Error {
  override readonly name = "KvError";
  readonly code: KvErrorCode;
  /** Of a watch that ended as `compacted`: the earliest revision that can be read and watched still. */
  readonly compactRevision: number | undefined;

  constructor(
    code: KvErrorCode,
    message: string,
    options: ErrorOptions & { readonly compactRevision?: number } = {},
  ) {
    super(message, options);
    this.code = code;
    this.compactRevision = options.compactRevision;
  }
}

/** The code if `error` says why a command is refused, else undefined. */
export function commandErrorCode(error: unknown): CommandErrorCode | undefined {
  if (!(error instanceof KvError)) return undefined;
  return COMMAND_ERROR_CODES.find((code) => code === error.code);
}

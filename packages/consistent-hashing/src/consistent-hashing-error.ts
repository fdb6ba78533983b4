/**
 * Why a call failed. A closed list: callers may switch on it exhaustively. Whatever fails changes
 * nothing.
 *
 * - `invalid-option`: an option or argument is out of its range; the message names it.
 * - `invalid-node`: a node's name is empty, too long, not well-formed Unicode, or not a string.
 * - `invalid-weight`: a weight is 0, negative, NaN, infinite, too large, or not whole where the
 *   algorithm needs a whole number.
 * - `invalid-key`: a key is not a string, bytes, a safe integer or a 64-bit bigint.
 * - `duplicate-node`: a node of that name is there already.
 * - `unknown-node`: there is no node of that name.
 * - `no-nodes`: a key was looked up in an empty set.
 * - `full`: the algorithm's bound on nodes or points would be passed; the message names it.
 * - `not-last`: jump hashing can lose or change only the node that was added last.
 * - `incompatible`: two sets of nodes that do not hash keys alike cannot be compared.
 * - `not-acquired`: a load was released that was not acquired.
 * - `invalid-state`: what was given to `fromJSON` is not such a state, or of another version.
 * - `no-boundary`: ranges can only be merged at a key where one ends and another begins.
 * - `different-nodes`: ranges can only be merged when one node holds both.
 * - `stale-epoch`: the range has changed since the epoch that the caller knew.
 */
export type ConsistentHashingErrorCode =
  | "invalid-option"
  | "invalid-node"
  | "invalid-weight"
  | "invalid-key"
  | "duplicate-node"
  | "unknown-node"
  | "no-nodes"
  | "full"
  | "not-last"
  | "incompatible"
  | "not-acquired"
  | "invalid-state"
  | "no-boundary"
  | "different-nodes"
  | "stale-epoch";

/** The only error that this package throws of its own. */
export class ConsistentHashingError extends Error {
  override readonly name = "ConsistentHashingError";
  readonly code: ConsistentHashingErrorCode;

  constructor(code: ConsistentHashingErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

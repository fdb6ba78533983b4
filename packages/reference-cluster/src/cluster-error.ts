/**
 * Why a cluster cannot start or go on. A closed list:
 *
 * - `invalid-option`: an option is out of its range; the message names it.
 * - `address-in-use`: another program listens on the gateway's port.
 * - `already-running`: another cluster, or another node, runs on the folder.
 * - `wrong-folder`: the folder holds a cluster of another size, or something else.
 * - `not-running`: no gateway of a cluster answers on the port.
 * - `bad-input`: a line of the orders to place is not an order; the message has its number.
 * - `node-failed`: a node could not start; the message is what it said.
 * - `not-ready`: no leader came about, or replicas did not catch up, in the time allowed.
 */
export type ClusterErrorCode =
  | "invalid-option"
  | "address-in-use"
  | "already-running"
  | "wrong-folder"
  | "not-running"
  | "bad-input"
  | "node-failed"
  | "not-ready";

/** The only error that this package throws of its own. */
export class ClusterError extends Error {
  override readonly name = "ClusterError";
  readonly code: ClusterErrorCode;

  constructor(code: ClusterErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

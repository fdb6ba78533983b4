/**
 * Why a call failed. A closed list; the first group surely did nothing on the other side.
 *
 * - `invalid-option`: an option or argument is out of its range; the message names it.
 * - `not-started`: `start` was not called, or has not resolved.
 * - `unknown-peer`: no address is known for that node.
 * - `unreachable`: no connection to that node, and none came about in time.
 * - `too-large`: the message is above `maxMessageBytes`.
 * - `overloaded`: the queue to that peer, or its share of requests, is full. Try again later.
 * - `no-handler`: the other node has nobody who takes that protocol.
 * - `already-handled`: this protocol has a listener already.
 * - `address-in-use`: another program listens on the address.
 * - `refused`: the other side is of another cluster, protocol version, or has another name; the
 *   message says which.
 *
 * After these, whether the other side acted is unknown.
 *
 * - `timeout`: no answer within `timeoutMs`.
 * - `connection-lost`: the connection broke before the answer came.
 * - `stopped`: this transport was stopped meanwhile.
 *
 * - `remote-error`: the other side's handler ran and threw.
 * - `stream-reset`: the stream was given up by either side or lost with its connection.
 * - `protocol-violation`: the other side sent what no peer of this version sends.
 */
export type TransportErrorCode =
  | "invalid-option"
  | "not-started"
  | "unknown-peer"
  | "unreachable"
  | "too-large"
  | "overloaded"
  | "no-handler"
  | "already-handled"
  | "address-in-use"
  | "refused"
  | "timeout"
  | "connection-lost"
  | "stopped"
  | "remote-error"
  | "stream-reset"
  | "protocol-violation";

/** The only error that a transport throws of its own. */
export class TransportError extends Error {
  override readonly name = "TransportError";
  readonly code: TransportErrorCode;

  constructor(code: TransportErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

import { TransportError } from "../transport-error.ts";
import type { SessionLimits } from "./session-context.ts";

/** The bounds of what one peer may cost. Both sides of a pair may differ: the smaller one holds. */
export interface LimitOptions {
  /**
   * The largest message, request or answer, in bytes: 1 KiB to 1 GiB. A larger one of ours is
   * `too-large`; one of the other side's closes its connection with `protocol-violation`.
   *
   * @default 16 MiB
   */
  readonly maxMessageBytes?: number;
  /**
   * Most bytes that wait to leave for one peer, from `maxMessageBytes` on. Beyond it messages are
   * dropped with a count, requests are `overloaded`, stream writes wait.
   *
   * @default 64 MiB, or maxMessageBytes if that is more
   */
  readonly maxQueuedBytesPerPeer?: number;
  /**
   * Most requests to one peer without an answer yet, and most of a peer's that are being served; one
   * more is `overloaded`. A whole number from 1.
   *
   * @default 16_384
   */
  readonly maxRequestsInFlightPerPeer?: number;
  /**
   * Most streams open with one peer, either side's; one more is `overloaded`. A whole number from 1.
   *
   * @default 256
   */
  readonly maxStreamsPerPeer?: number;
  /**
   * Bytes that a stream's other side may send before this side reads them: 1 KiB to 1 GiB.
   *
   * @default 1 MiB
   */
  readonly streamWindowBytes?: number;
}

const KIB = 1_024;
const MIB = 1_024 * KIB;
const GIB = 1_024 * MIB;

/** Every default filled in, every limit checked. @throws {TransportError} `invalid-option`. */
export function checkedLimits(options: LimitOptions): SessionLimits {
  const { maxMessageBytes = 16 * MIB } = options;
  checkWhole("maxMessageBytes", maxMessageBytes, KIB, GIB);
  const {
    maxQueuedBytesPerPeer = Math.max(64 * MIB, maxMessageBytes),
    maxRequestsInFlightPerPeer = 16_384,
    maxStreamsPerPeer = 256,
    streamWindowBytes = MIB,
  } = options;
  checkWhole("maxQueuedBytesPerPeer", maxQueuedBytesPerPeer, maxMessageBytes, 64 * GIB);
  checkWhole("maxRequestsInFlightPerPeer", maxRequestsInFlightPerPeer, 1, 2 ** 31);
  checkWhole("maxStreamsPerPeer", maxStreamsPerPeer, 1, 2 ** 20);
  checkWhole("streamWindowBytes", streamWindowBytes, KIB, GIB);
  return {
    maxMessageBytes,
    maxQueuedBytesPerPeer,
    maxRequestsInFlightPerPeer,
    maxStreamsPerPeer,
    streamWindowBytes,
  };
}

/** @throws {TransportError} `invalid-option`, naming the option. */
export function checkWhole(name: string, value: number, min: number, max: number): void {
  if (Number.isInteger(value) && value >= min && value <= max) return;
  const range = `a whole number from ${min} to ${max}`;
  throw new TransportError("invalid-option", `${name} must be ${range}, not ${value}`);
}

/**
 * What two sessions say to each other. `number` is a protocol's number (see `NAME`) or, in `FAILURE`
 * and `RESET`, the place of the code in `FAILURE_CODES`; `id` is a request's or a stream's.
 */
export const FRAME = {
  /** Payload: the name of the protocol that `number` stands for, in this direction, from now on. */
  NAME: 1,
  MESSAGE: 2,
  REQUEST: 3,
  RESPONSE: 4,
  /** The request was not answered; payload: why, for people. */
  FAILURE: 5,
  /** Whoever sent the request no longer waits for it. */
  CANCEL: 6,
  OPEN: 7,
  ACCEPT: 8,
  DATA: 9,
  /** Payload: how many more bytes of `DATA` may be sent, as 32 bits, little endian. */
  CREDIT: 10,
  END: 11,
  /** The stream is given up both ways; payload: why, for people. */
  RESET: 12,
  PING: 13,
  PONG: 14,
} as const;

export type FrameKind = (typeof FRAME)[keyof typeof FRAME];

export const NO_BYTES: Uint8Array = new Uint8Array(0);

/**
 * Where a session's frames go: to the other side's session, in order and whole, until the
 * connection is lost. Never calls back from within `push`.
 */
export interface Link {
  push(kind: FrameKind, number: number, id: number, payload: Uint8Array): void;
  /** What was pushed and has not left this process yet. */
  readonly queuedBytes: number;
}

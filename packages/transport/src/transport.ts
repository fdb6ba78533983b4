import type { PeerListener } from "./peer-event.ts";
import type { TransportStream } from "./transport-stream.ts";

/** The name of a node, unique in its cluster: 1 to 255 bytes of UTF-8. */
export type NodeId = string;

/** Ends a subscription. A second call has no effect. */
export type Unsubscribe = () => void;

/**
 * Talk between named nodes. A *protocol* is a name (1 to 255 bytes of UTF-8) under which the parts
 * of a program share one transport: a message reaches only the listener of its protocol.
 *
 * **Order**: messages, and separately requests, from one node to another arrive in the order in
 * which they were sent, as far as they arrive. **Loss**: a message arrives once or not at all; after
 * a connection broke, nobody knows which. A node may send to itself.
 *
 * **Ownership**: bytes handed to a transport must not change any more; bytes received are the
 * receiver's to keep, but not to change, and keeping a small part may keep a larger buffer alive.
 */
export interface Transport {
  /** This node's own name. */
  readonly nodeId: NodeId;
  /**
   * The largest message, request or answer that this node sends or takes, in bytes. A peer may take
   * less; what is above either bound is `too-large`.
   */
  readonly maxMessageBytes: number;

  /**
   * Sends a message that nobody answers. Returns at once: false when it was dropped because the
   * queue to that peer is full or there is no connection to it at present, true when it was queued
   * (it may still be lost on the way). Never calls a listener from within.
   *
   * @throws {TransportError} `too-large`, `unknown-peer`, `not-started`, `stopped`, and
   * `invalid-option` for a protocol's name that is too long, or one of too many.
   */
  send(to: NodeId, protocol: string, message: Uint8Array): boolean;

  /**
   * Sends a request and resolves to the answer.
   *
   * @throws {TransportError} (as a rejection) `unreachable`, `refused`, `no-handler`, `overloaded`,
   * `too-large`, `unknown-peer`, `not-started`, `invalid-option`: the handler did not run. `timeout`,
   * `connection-lost`, `stopped`: unknown whether it ran. `remote-error`: it ran and threw; the
   * message is what it threw.
   * @throws the signal's reason when it aborts first; unknown whether the handler ran.
   */
  request(
    to: NodeId,
    protocol: string,
    message: Uint8Array,
    options?: RequestOptions,
  ): Promise<Uint8Array>;

  /**
   * Opens a stream of bytes both ways. Resolves when the other side has accepted it.
   *
   * @throws {TransportError} as `request` does.
   * @throws the signal's reason when it aborts before the stream is open; later it resets the stream.
   */
  openStream(
    to: NodeId,
    protocol: string,
    options?: { readonly signal?: AbortSignal },
  ): Promise<TransportStream>;

  /**
   * Listens to the messages of a protocol. One listener each: a second is a programming error.
   * What a listener throws is reported as an uncaught exception: it must not throw.
   *
   * @throws {TransportError} `already-handled`.
   */
  onMessage(protocol: string, listener: MessageListener): Unsubscribe;
  /** Answers the requests of a protocol; one handler each, as `onMessage`. */
  onRequest(protocol: string, handler: RequestHandler): Unsubscribe;
  /** Takes the streams of a protocol; one handler each, as `onMessage`. */
  onStream(protocol: string, handler: StreamHandler): Unsubscribe;
  /** Told when a peer can be reached and when it no longer can. Says nothing of before it was called. */
  onPeer(listener: PeerListener): Unsubscribe;

  /** Begins to listen and to connect. Resolves when peers can connect to this node. */
  start(): Promise<void>;
  /**
   * Closes everything: outstanding requests reject with `stopped`, streams are reset. Resolves when
   * no listener will be called any more. A second call has no effect; there is no second start.
   */
  stop(): Promise<void>;
}

export interface RequestOptions {
  /** Gives up waiting; the other side's handler sees its own signal abort, as far as it is told. */
  readonly signal?: AbortSignal;
  /**
   * Milliseconds, above 0, until it rejects with `timeout`.
   *
   * @default 10_000
   */
  readonly timeoutMs?: number;
}

export type MessageListener = (from: NodeId, message: Uint8Array) => void;

/**
 * Answers one request. A rejection reaches the caller as `remote-error` with its message (and not
 * its stack). `signal` aborts when the caller gave up or its connection was lost.
 *
 * A signal costs more than the rest of a request: a handler that declares exactly one or two
 * parameters may be given one that never aborts.
 */
export type RequestHandler = (
  from: NodeId,
  message: Uint8Array,
  signal: AbortSignal,
) => Promise<Uint8Array> | Uint8Array;

/** Takes one stream. It is reset when the handler rejects, and left alone when it resolves. */
export type StreamHandler = (from: NodeId, stream: TransportStream) => Promise<void> | void;

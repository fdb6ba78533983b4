import { checkedLimits, checkWhole, type LimitOptions } from "../session/limit-options.ts";
import { encodeName } from "../session/protocol-names.ts";
import type { SessionLimits } from "../session/session-context.ts";
import type { NodeId } from "../transport.ts";

/** Where a node listens. */
export interface TcpAddress {
  /** A name or an IP address. */
  readonly host: string;
  /** 1 to 65,535. */
  readonly port: number;
}

/** PEM texts. Both sides present a certificate that `ca` signed. */
export interface TlsOptions {
  readonly ca: string | Uint8Array;
  /** Must name the node id: as a DNS name among its alternative names, or as its common name. */
  readonly cert: string | Uint8Array;
  readonly key: string | Uint8Array;
}

/** How a transport over TCP behaves. All fields are fixed once it is made. */
export interface TcpTransportOptions extends LimitOptions {
  readonly nodeId: NodeId;
  /** Only nodes of the same cluster talk to each other. 1 to 255 bytes of UTF-8. */
  readonly clusterId: string;
  /**
   * Where others may dial this node; port 0 takes any free one. Absent: this node only dials out,
   * and gets messages and requests over the connections that it opened.
   */
  readonly listen?: {
    /** @default "127.0.0.1" */
    readonly host?: string;
    readonly port: number;
  };
  /**
   * Whom this node dials, and keeps dialling. Its own name may be among them and is passed over.
   *
   * @default none
   */
  readonly peers?: Readonly<Record<NodeId, TcpAddress>>;
  /**
   * Milliseconds, from 1, until an attempt to dial fails, and until a request that waits for a
   * connection is `unreachable`.
   *
   * @default 3_000
   */
  readonly connectTimeoutMs?: number;
  /**
   * Milliseconds, from 1, that the other side has to greet, after the connection itself.
   *
   * @default 3_000
   */
  readonly handshakeTimeoutMs?: number;
  /**
   * Most connections that were accepted and have not greeted yet; one more is closed at once.
   *
   * @default 128
   */
  readonly maxHandshakes?: number;
  /**
   * Milliseconds between attempts to dial: doubled from `min` to `max` at each failure, half of it
   * drawn at random. 1 ≤ min ≤ max.
   *
   * @default { min: 50, max: 2_000 }
   */
  readonly reconnectBackoffMs?: { readonly min: number; readonly max: number };
  /**
   * Milliseconds, from 1, of silence after which the other side is asked for a sign of life; after
   * as much silence again the connection is given up.
   *
   * @default 5_000
   */
  readonly keepAliveMs?: number;
  /** Encrypts, and proves who is who. Absent: neither. */
  readonly tls?: TlsOptions;
}

type Timing = "connectTimeoutMs" | "handshakeTimeoutMs" | "keepAliveMs";

export interface CheckedTcpOptions extends Readonly<Record<Timing, number>> {
  readonly nodeId: NodeId;
  readonly clusterId: string;
  readonly listen: { readonly host: string; readonly port: number } | undefined;
  readonly peers: ReadonlyMap<NodeId, TcpAddress>;
  readonly limits: SessionLimits;
  readonly maxHandshakes: number;
  readonly reconnectBackoffMs: { readonly min: number; readonly max: number };
  readonly tls: TlsOptions | undefined;
}

const MAX_TIMEOUT_MS = 2 ** 31 - 1;

/** Every default filled in, every field checked. @throws {TransportError} `invalid-option`. */
export function validated(options: TcpTransportOptions): CheckedTcpOptions {
  const {
    nodeId,
    clusterId,
    listen,
    peers = {},
    connectTimeoutMs = 3_000,
    handshakeTimeoutMs = 3_000,
    maxHandshakes = 128,
    reconnectBackoffMs = { min: 50, max: 2_000 },
    keepAliveMs = 5_000,
    tls,
  } = options;
  encodeName("nodeId", nodeId);
  encodeName("clusterId", clusterId);
  if (listen) checkWhole("listen.port", listen.port, 0, 65_535);
  for (const [id, address] of Object.entries(peers)) checkPeer(id, address);
  checkWhole("connectTimeoutMs", connectTimeoutMs, 1, MAX_TIMEOUT_MS);
  checkWhole("handshakeTimeoutMs", handshakeTimeoutMs, 1, MAX_TIMEOUT_MS);
  checkWhole("maxHandshakes", maxHandshakes, 1, 65_535);
  checkWhole("reconnectBackoffMs.min", reconnectBackoffMs.min, 1, MAX_TIMEOUT_MS);
  const { min, max } = reconnectBackoffMs;
  checkWhole("reconnectBackoffMs.max", max, min, MAX_TIMEOUT_MS);
  checkWhole("keepAliveMs", keepAliveMs, 1, MAX_TIMEOUT_MS);
  return {
    nodeId,
    clusterId,
    listen: listen && { host: listen.host ?? "127.0.0.1", port: listen.port },
    peers: new Map(Object.entries(peers).filter(([id]) => id !== nodeId)),
    limits: checkedLimits(options),
    connectTimeoutMs,
    handshakeTimeoutMs,
    maxHandshakes,
    reconnectBackoffMs: { min, max },
    keepAliveMs,
    tls,
  };
}

/** @throws {TransportError} `invalid-option`. */
export function checkPeer(id: NodeId, address: TcpAddress): void {
  encodeName("a peer's id", id);
  checkWhole(`the port of ${id}`, address.port, 1, 65_535);
}

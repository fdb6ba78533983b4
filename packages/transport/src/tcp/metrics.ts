import type { Counters } from "../session/counters.ts";
import type { NodeId } from "../transport.ts";
import type { TcpPeer } from "./tcp-peer.ts";

/** What is going on with one peer at the moment. */
export interface TcpPeerMetrics {
  readonly state: TcpPeer["state"];
  /** Of the present connection. */
  readonly bytesSent: number;
  readonly bytesReceived: number;
  readonly queuedBytes: number;
  readonly requestsInFlight: number;
  readonly openStreams: number;
}

/** Counts since the start, and the present state of each peer. A snapshot. */
export interface TcpTransportMetrics extends Readonly<Counters> {
  readonly peers: Readonly<Record<NodeId, TcpPeerMetrics>>;
}

export function peerMetrics(peer: TcpPeer): TcpPeerMetrics {
  const { connection } = peer;
  return {
    state: peer.state,
    bytesSent: connection?.bytesSent ?? 0,
    bytesReceived: connection?.bytesReceived ?? 0,
    queuedBytes: connection?.queuedBytes ?? peer.waitingBytes,
    requestsInFlight: connection?.session.requestsInFlight ?? 0,
    openStreams: connection?.session.openStreams ?? 0,
  };
}

import type { PeerEvent, PeerListener } from "../peer-event.ts";
import { TransportError } from "../transport-error.ts";
import type {
  MessageListener,
  NodeId,
  RequestHandler,
  StreamHandler,
  Unsubscribe,
} from "../transport.ts";

/** Who takes what arrives, by protocol. Empty, and closed to newcomers' calls, after `clear`. */
export class HandlerTable {
  readonly messages: Map<string, MessageListener> = new Map();
  readonly requests: Map<string, RequestHandler> = new Map();
  readonly streams: Map<string, StreamHandler> = new Map();
  readonly #peers = new Set<{ readonly listener: PeerListener }>();

  onPeer(listener: PeerListener): Unsubscribe {
    const entry = { listener }; // the same function may listen twice
    this.#peers.add(entry);
    return () => void this.#peers.delete(entry);
  }

  emitPeer(peer: NodeId, state: PeerEvent["state"]): void {
    for (const { listener } of this.#peers) guarded(() => listener({ peer, state }));
  }

  clear(): void {
    this.messages.clear();
    this.requests.clear();
    this.streams.clear();
    this.#peers.clear();
  }
}

/** @throws {TransportError} `already-handled`. */
export function addHandler<H>(table: Map<string, H>, protocol: string, handler: H): Unsubscribe {
  if (table.has(protocol)) {
    throw new TransportError("already-handled", `the protocol ${protocol} has a listener already`);
  }
  table.set(protocol, handler);
  return () => {
    if (table.get(protocol) === handler) table.delete(protocol);
  };
}

/** Runs a user's function; what it throws becomes an uncaught exception, and not ours. */
function guarded(call: () => void): void {
  try {
    call();
  } catch (error) {
    throwUncaught(error);
  }
}

export function throwUncaught(error: unknown): void {
  queueMicrotask(() => {
    throw error;
  });
}

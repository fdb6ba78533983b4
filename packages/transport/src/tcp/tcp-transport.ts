import { type Clock, type Random, systemClock, systemRandom } from "@quorate/runtime";
import { MemoryConnection } from "../memory/memory-connection.ts";
import type { Route } from "../session/route.ts";
import { SessionTransport } from "../session/session-transport.ts";
import { TransportError } from "../transport-error.ts";
import type { NodeId, Transport } from "../transport.ts";
import { Acceptor } from "./acceptor.ts";
import { Identity } from "./handshake.ts";
import type { Incoming } from "./incoming.ts";
import { peerMetrics, type TcpTransportMetrics } from "./metrics.ts";
import {
  checkPeer,
  type CheckedTcpOptions,
  type TcpAddress,
  type TcpTransportOptions,
  validated,
} from "./options.ts";
import { TcpPeer } from "./tcp-peer.ts";

/** What a transport over TCP needs from outside, beside sockets; each has a default. */
export interface TcpTransportDependencies {
  /** For timeouts, backoff and keep-alive. @default systemClock */
  readonly clock?: Clock;
  /** For the jitter of the backoff. @default systemRandom */
  readonly random?: Random;
}

/**
 * A transport over TCP: one connection with each peer, whoever dialled it. A message to a peer that
 * is being dialled waits, and is dropped when that attempt fails; between two attempts it is dropped
 * at once (`send` returns false). A request waits for the next attempt, up to `connectTimeoutMs`.
 *
 * A node that is not among `peers` may connect; it is known as long as its connection lasts.
 */
export interface TcpTransport extends Transport {
  /**
   * Where it listens, with the port that was taken.
   *
   * @throws {TransportError} `not-started`; `invalid-option` when it does not listen at all.
   */
  readonly address: TcpAddress;
  /** Dials that node from now on; a connection that is there stays. @throws `invalid-option`. */
  addPeer(id: NodeId, address: TcpAddress): void;
  /** Closes the connection, and dials no more. The other side may still dial. */
  removePeer(id: NodeId): void;
  metrics(): TcpTransportMetrics;
  /** Why which peer cannot be reached, a sentence each. Empty when all can. */
  explain(): string[];
  [Symbol.asyncDispose](): Promise<void>;
}

/** @throws {TransportError} `invalid-option`. */
export function createTcpTransport(
  options: TcpTransportOptions,
  dependencies: TcpTransportDependencies = {},
): TcpTransport {
  const { clock = systemClock, random = systemRandom } = dependencies;
  return new SocketTransport(validated(options), clock, random);
}

class SocketTransport extends SessionTransport implements TcpTransport {
  readonly #options: CheckedTcpOptions;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #identity: Identity;
  readonly #peers = new Map<NodeId, TcpPeer>();
  readonly #addresses: Map<NodeId, TcpAddress>;
  readonly #self: MemoryConnection;
  #acceptor: Acceptor | undefined;
  #isOpen = false;

  constructor(options: CheckedTcpOptions, clock: Clock, random: Random) {
    super(options.nodeId, options.limits, clock);
    this.#options = options;
    this.#clock = clock;
    this.#random = random;
    this.#identity = new Identity(options);
    this.#addresses = new Map(options.peers);
    this.#self = new MemoryConnection(this.context, this.context, clock, () => 0);
  }

  get address(): TcpAddress {
    if (this.#acceptor) return this.#acceptor.address;
    if (this.#options.listen) throw new TransportError("not-started", "it does not listen yet");
    throw new TransportError("invalid-option", `${this.nodeId} has no address: no listen option`);
  }

  addPeer(id: NodeId, address: TcpAddress): void {
    checkPeer(id, address);
    if (id === this.nodeId) return;
    this.#addresses.set(id, address);
    if (this.#isOpen) this.#peer(id).setAddress(address);
  }

  removePeer(id: NodeId): void {
    this.#addresses.delete(id);
    const peer = this.#peers.get(id);
    this.#peers.delete(id);
    const message = `${id} was removed from ${this.nodeId}`;
    const [unknown, lost] = ["unknown-peer", "connection-lost"] as const;
    peer?.remove(new TransportError(unknown, message), new TransportError(lost, message));
  }

  metrics(): TcpTransportMetrics {
    const peers = [...this.#peers.values()].map((peer) => [peer.id, peerMetrics(peer)] as const);
    return { ...this.context.counters, peers: Object.fromEntries(peers) };
  }

  explain(): string[] {
    return [...this.#peers.values()].flatMap((peer) => peer.explain() ?? []);
  }

  protected override route(to: NodeId): Route {
    const peer = this.#peers.get(to);
    if (peer) return peer;
    if (to === this.nodeId) return this.#self.dialler;
    throw new TransportError("unknown-peer", `${this.nodeId} knows no address of ${to}`);
  }

  protected override async open(): Promise<void> {
    const { listen } = this.#options;
    if (listen) {
      const acceptor = new Acceptor(this.#identity, this.#clock, (it) => this.#arrived(it));
      await acceptor.listen(listen);
      this.#acceptor = acceptor;
    }
    this.#isOpen = true;
    for (const [id, address] of this.#addresses) this.#peer(id).setAddress(address);
  }

  protected override async close(error: TransportError): Promise<void> {
    this.#isOpen = false;
    this.#self.close(() => error);
    const peers = [...this.#peers.values()];
    this.#peers.clear();
    for (const peer of peers) peer.remove(error, error);
    await this.#acceptor?.close();
  }

  #arrived(incoming: Incoming): void {
    if (this.#isOpen) this.#peer(incoming.remote.from).offer(incoming);
    else incoming.socket.destroy();
  }

  #peer(id: NodeId): TcpPeer {
    const known = this.#peers.get(id);
    if (known) return known;
    const gone = (): void => {
      if (this.#peers.get(id) === peer) this.#peers.delete(id);
    };
    const peer = new TcpPeer(id, this.#identity, this.context, this.#random, gone);
    this.#peers.set(id, peer);
    return peer;
  }
}

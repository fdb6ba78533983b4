import { type Clock, type Random, systemClock, systemRandom } from "@quorate/runtime";
import type { Route } from "../session/route.ts";
import type { Session } from "../session/session.ts";
import { TransportError } from "../transport-error.ts";
import type { NodeId, Transport } from "../transport.ts";
import { MemoryConnection } from "./memory-connection.ts";
import { type MemorySwitch, MemoryTransport } from "./memory-transport.ts";
import { type CheckedMemoryOptions, type MemoryNetworkOptions, validated } from "./options.ts";

/** What a network in memory needs from outside; each has a default. */
export interface MemoryNetworkDependencies {
  /**
   * Delivers frames and keeps deadlines: with a virtual clock nothing arrives until it moves on.
   *
   * @default systemClock
   */
  readonly clock?: Clock;
  /** Draws latencies. @default systemRandom */
  readonly random?: Random;
}

/**
 * Nodes of one process that talk as over a real network: asynchronously, in order, with lost
 * connections. Every started node is connected with every other one; nothing is lost unless a
 * method of this interface loses it.
 */
export interface MemoryNetwork {
  /**
   * The transport of a new node. After it was stopped, its name may be taken again.
   *
   * @throws {TransportError} `refused` when a node of that name is there already.
   */
  transport(nodeId: NodeId): Transport;
  /** Cuts the two off from each other until `heal`; what was under way is lost. */
  partition(a: NodeId, b: NodeId): void;
  /** Ends the partition of these two, or, without names, all. */
  heal(a?: NodeId, b?: NodeId): void;
  /** Breaks the connection of the two once: both see `down`, then `up`; what was under way is lost. */
  disconnect(a: NodeId, b: NodeId): void;
}

export function createMemoryNetwork(
  options: MemoryNetworkOptions = {},
  dependencies: MemoryNetworkDependencies = {},
): MemoryNetwork {
  const { clock = systemClock, random = systemRandom } = dependencies;
  return new Switch(validated(options), clock, random);
}

class Switch implements MemoryNetwork, MemorySwitch {
  readonly #options: CheckedMemoryOptions;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #names = new Set<NodeId>();
  readonly #nodes = new Map<NodeId, MemoryTransport>();
  readonly #connections = new Map<string, MemoryConnection>();
  readonly #partitions = new Set<string>();

  constructor(options: CheckedMemoryOptions, clock: Clock, random: Random) {
    this.#options = options;
    this.#clock = clock;
    this.#random = random;
  }

  transport(nodeId: NodeId): Transport {
    if (this.#names.has(nodeId)) {
      throw new TransportError("refused", `there is a node named ${nodeId} already`);
    }
    const node = new MemoryTransport(nodeId, this.#options, this.#clock, this);
    this.#names.add(nodeId);
    return node;
  }

  partition(a: NodeId, b: NodeId): void {
    this.#partitions.add(pair(a, b));
    const error = new TransportError("connection-lost", `${a} and ${b} were partitioned`);
    this.#cut(a, b, () => error);
  }

  heal(a?: NodeId, b?: NodeId): void {
    const healed = a !== undefined && b !== undefined ? [pair(a, b)] : [...this.#partitions];
    for (const each of healed) {
      if (!this.#partitions.delete(each)) continue;
      const [one, other] = JSON.parse(each) as [NodeId, NodeId];
      this.#connect(one, other);
    }
  }

  disconnect(a: NodeId, b: NodeId): void {
    const error = new TransportError("connection-lost", `${a} and ${b} were disconnected`);
    if (this.#cut(a, b, () => error)) this.#connect(a, b);
  }

  join(node: MemoryTransport): void {
    this.#nodes.set(node.nodeId, node);
    for (const other of this.#nodes.keys()) this.#connect(node.nodeId, other);
  }

  leave(node: MemoryTransport, error: TransportError): void {
    this.#names.delete(node.nodeId);
    if (this.#nodes.get(node.nodeId) !== node) return; // was never started
    const lost = new TransportError("connection-lost", `${node.nodeId} was stopped`);
    for (const other of this.#nodes.keys()) {
      this.#cut(node.nodeId, other, ({ peer }) => (peer === node.nodeId ? lost : error));
    }
    this.#nodes.delete(node.nodeId);
  }

  route(from: MemoryTransport, to: NodeId): Route {
    const connection = this.#connections.get(pair(from.nodeId, to));
    if (connection) {
      return connection.acceptor.peer === to && from.nodeId !== to
        ? connection.acceptor
        : connection.dialler;
    }
    if (!this.#names.has(to) && !this.#nodes.has(to)) {
      throw new TransportError("unknown-peer", `no node is named ${to}`);
    }
    const why = this.#partitions.has(pair(from.nodeId, to)) ? "partitioned" : "not started";
    return unreachable(`${to} is ${why}`);
  }

  #connect(a: NodeId, b: NodeId): void {
    const [dialler, acceptor] = [this.#nodes.get(a), this.#nodes.get(b)];
    const name = pair(a, b);
    if (!dialler || !acceptor || this.#connections.has(name) || this.#partitions.has(name)) return;
    const [from, to] = [dialler.sessionContext, acceptor.sessionContext];
    const { min, max } = this.#options.latencyMs;
    const random = this.#random.fork(name);
    const delayMs = (): number => min + (max - min) * random.next();
    this.#connections.set(name, new MemoryConnection(from, to, this.#clock, delayMs));
    if (a === b) return;
    from.handlers.emitPeer(b, "up");
    to.handlers.emitPeer(a, "up");
  }

  /** False when the two are not connected. */
  #cut(a: NodeId, b: NodeId, errorOf: (side: Session) => TransportError): boolean {
    const connection = this.#connections.get(pair(a, b));
    if (!connection) return false;
    this.#connections.delete(pair(a, b));
    connection.close(errorOf);
    if (a === b) return true;
    this.#nodes.get(a)?.sessionContext.handlers.emitPeer(b, "down");
    this.#nodes.get(b)?.sessionContext.handlers.emitPeer(a, "down");
    return true;
  }
}

function pair(a: NodeId, b: NodeId): string {
  return JSON.stringify(a < b ? [a, b] : [b, a]);
}

function unreachable(why: string): Route {
  const fail = (): never => {
    throw new TransportError("unreachable", why);
  };
  return { send: () => false, request: fail, openStream: fail };
}

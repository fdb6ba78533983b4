import { type Clock, type Random, seededRandom, systemClock } from "@quorate/runtime";
import { type Transport, TransportError } from "@quorate/transport";
import { checkedLimits, type Route, type SessionLimits } from "@quorate/transport/session";
import { Trace } from "../trace/trace.ts";
import { Direction } from "./direction.ts";
import {
  type CheckedNetworkOptions,
  checkedNetworkOptions,
  type NetworkOptions,
} from "./network-options.ts";
import { type Side, SimulatedConnection } from "./simulated-connection.ts";
import { type NetworkSwitch, type Program, SimulatedTransport } from "./simulated-transport.ts";

/** What a simulated network needs from outside; inside of a simulation, the world gives it. */
export interface SimulatedNetworkDependencies {
  /** @default systemClock */
  readonly clock?: Clock;
  /** @default seeded with 0 */
  readonly random?: Random;
  /** @default a trace that nobody looks at */
  readonly trace?: Trace;
}

const ALWAYS_ALIVE: Program = { isAlive: true, enter: (act) => act() };

/**
 * A network that loses, delays, duplicates and reorders messages, whose ways clog and slow down, and
 * whose nodes can be cut off from each other, one way or both.
 *
 * **Requests and streams** are carried whole and in order, or their connection breaks: a way that is
 * blocked holds them back; one that is blocked both ways for `silenceMs` breaks the connection, and
 * so does a machine without power. A way that is blocked in one direction breaks nothing: what waits
 * there is held back for as long as it lasts, and messages that way are lost.
 */
export class SimulatedNetwork implements NetworkSwitch {
  readonly #limits: SessionLimits;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #trace: Trace;
  readonly #names = new Set<string>();
  readonly #transports = new Map<string, SimulatedTransport>();
  readonly #directions = new Map<string, Direction>();
  readonly #connections = new Map<string, SimulatedConnection>();
  #options: CheckedNetworkOptions;

  constructor(options: NetworkOptions = {}, dependencies: SimulatedNetworkDependencies = {}) {
    const { clock = systemClock, random = seededRandom(0) } = dependencies;
    this.#options = checkedNetworkOptions(options);
    this.#limits = checkedLimits(options);
    this.#clock = clock;
    this.#random = random;
    this.#trace = dependencies.trace ?? new Trace(() => clock.now());
  }

  /**
   * The transport of a node. In a simulation the node is given its own: this is for tests of a
   * transport's user without a world.
   */
  transport(nodeId: string): Transport {
    return this.attach(nodeId, this.#clock, ALWAYS_ALIVE);
  }

  /** @internal A node of this name exists, whether it runs or not. */
  introduce(nodeId: string): void {
    this.#names.add(nodeId);
  }

  /** @internal The transport of one life of a node. */
  attach(nodeId: string, clock: Clock, program: Program): SimulatedTransport {
    this.#names.add(nodeId);
    return new SimulatedTransport(nodeId, this.#limits, clock, program, this);
  }

  /** Changes how the whole network behaves from now on; what is not named goes back to its default. */
  setFaults(options: Omit<NetworkOptions, keyof SessionLimits>): void {
    this.#options = checkedNetworkOptions(options);
  }

  /** Nothing gets from `from` to `to` any more. What is under way there is lost, or held back. */
  block(from: string, to: string): void {
    const way = this.#direction(from, to);
    if (way.blocked || way.isLoopback) return;
    way.blocked = true;
    this.#trace.record(from, "blocked", to);
    way.onChange();
    const connection = this.#connections.get(pair(from, to));
    if (!connection || !this.#direction(to, from).blocked) return;
    this.#afterSilence(connection, () => this.#isCut(from, to));
  }

  /** Ends `block`. */
  unblock(from: string, to: string): void {
    const way = this.#direction(from, to);
    if (!way.blocked) return;
    way.blocked = false;
    this.#trace.record(from, "unblocked", to);
    way.onChange();
    this.#connectSoon(from, to);
  }

  /** Blocks all of these ways. */
  partition(ways: Iterable<readonly [from: string, to: string]>): void {
    for (const [from, to] of ways) this.block(from, to);
    this.#trace.count("partition");
  }

  /** Unblocks, unclogs and speeds up every way. */
  heal(): void {
    for (const way of [...this.#directions.values()]) this.#restore(way);
  }

  /** Between these nodes nothing goes wrong any more, whatever the network does elsewhere. */
  calm(nodes: readonly string[]): void {
    for (const from of nodes) {
      for (const to of nodes) {
        const way = this.#direction(from, to);
        way.isCalm = true;
        this.#restore(way);
      }
    }
  }

  /** Whether nothing is wrong with this way at present: not blocked, nor clogged, nor slow. */
  isClear(from: string, to: string): boolean {
    const { blocked, cloggedUntilMs, bytesPerSecond } = this.#direction(from, to);
    return !blocked && cloggedUntilMs <= this.#clock.now() && bytesPerSecond === undefined;
  }

  /** Nothing arrives on this way for `ms`; then all of it does. */
  clog(from: string, to: string, ms: number): void {
    const way = this.#direction(from, to);
    way.cloggedUntilMs = Math.max(way.cloggedUntilMs, this.#clock.now() + ms);
    this.#trace.record(from, "clogged", to, ms);
    this.#trace.count("link clogged");
    way.onChange();
  }

  /** This way carries only so much; undefined ends it. */
  slow(from: string, to: string, bytesPerSecond: number | undefined): void {
    this.#direction(from, to).bytesPerSecond = bytesPerSecond;
    this.#trace.record(from, "slow", to, bytesPerSecond ?? 0);
    if (bytesPerSecond !== undefined) this.#trace.count("link slow");
  }

  /** Breaks the connection of the two once: both see `down`, later `up`. */
  disconnect(a: string, b: string): void {
    const connection = this.#connections.get(pair(a, b));
    if (!connection) return;
    this.#trace.count("connection broken");
    this.#break(connection, `${a} and ${b} were disconnected`);
  }

  /** @internal The node's program is dead; `silently` when its machine is, too. */
  crash(nodeId: string, silently: boolean): void {
    const transport = this.#transports.get(nodeId);
    if (transport) this.#depart(transport, silently);
  }

  join(transport: SimulatedTransport): void {
    const { nodeId } = transport;
    if (this.#transports.has(nodeId)) {
      throw new TransportError("refused", `there is a node named ${nodeId} already`);
    }
    this.#transports.set(nodeId, transport);
    for (const other of this.#transports.keys()) this.#connectSoon(nodeId, other);
  }

  leave(transport: SimulatedTransport, error: TransportError): void {
    if (this.#transports.get(transport.nodeId) !== transport) return; // was never started
    for (const connection of this.#connections.values()) {
      const { dialler, acceptor } = connection;
      if (dialler.transport !== transport && acceptor.transport !== transport) continue;
      // Both sides, when the node was connected with itself.
      for (const side of [dialler, acceptor]) {
        if (side.transport === transport) side.session.close(error);
      }
    }
    this.#depart(transport, false);
  }

  route(from: SimulatedTransport, to: string): Route {
    const connection = this.#connections.get(pair(from.nodeId, to));
    const side = connection?.sideOf(from);
    if (side?.transport === from && side.isOpen) return side.session;
    if (this.#names.has(to)) return unreachable(`there is no connection to ${to}`);
    throw new TransportError("unknown-peer", `no node is named ${to}`);
  }

  #restore(way: Direction): void {
    this.unblock(way.from, way.to);
    way.cloggedUntilMs = 0;
    way.bytesPerSecond = undefined;
    way.onChange();
  }

  #depart(transport: SimulatedTransport, silently: boolean): void {
    this.#transports.delete(transport.nodeId);
    for (const connection of this.#connections.values()) {
      const { dialler, acceptor } = connection;
      if (dialler.transport !== transport && acceptor.transport !== transport) continue;
      connection.abandon(transport);
      if (dialler.transport === acceptor.transport) this.#forget(connection);
      else if (silently) this.#afterSilence(connection, () => true);
      else this.#afterFarewell(connection, transport);
    }
  }

  /** The operating system of a dead program still says that the connection is closed. */
  #afterFarewell(connection: SimulatedConnection, gone: SimulatedTransport): void {
    const { link, transport } = connection.sideOf(gone);
    const nowMs = this.#clock.now();
    const way = this.#direction(transport.nodeId, connection.otherSideOf(gone).transport.nodeId);
    if (way.blocked) return this.#afterSilence(connection, () => true);
    const atMs = Math.max(link.emptyAtMs, way.arrivalMs(nowMs, 0), way.cloggedUntilMs);
    this.#clock.setTimer(atMs - nowMs, () =>
      this.#break(connection, `${transport.nodeId} is gone`),
    );
  }

  #afterSilence(connection: SimulatedConnection, isStillSilent: () => boolean): void {
    const { min, max } = this.#options.silenceMs;
    const { dialler, acceptor } = connection;
    const random = this.#direction(dialler.transport.nodeId, acceptor.transport.nodeId).random;
    this.#clock.setTimer(min + (max - min) * random.next(), () => {
      if (isStillSilent()) this.#break(connection, "nothing was heard of it");
    });
  }

  #connectSoon(a: string, b: string): void {
    if (!this.#canConnect(a, b)) return;
    const ms = a === b ? 0 : this.#options.connectMs;
    if (ms === 0) return this.#connect(a, b);
    this.#clock.setTimer(ms, () => {
      const [dialler, acceptor] = [this.#transports.get(a), this.#transports.get(b)];
      // A program that is paused accepts nothing until it runs again.
      dialler?.program.enter(() => acceptor?.program.enter(() => this.#connect(a, b)));
    });
  }

  #canConnect(a: string, b: string): boolean {
    const [dialler, acceptor] = [this.#transports.get(a), this.#transports.get(b)];
    if (!dialler || !acceptor || this.#direction(a, b).blocked) return false;
    if (this.#direction(b, a).blocked) return false;
    const current = this.#connections.get(pair(a, b));
    return !current?.dialler.isOpen || !current.acceptor.isOpen;
  }

  #connect(a: string, b: string): void {
    if (!this.#canConnect(a, b)) return;
    const stale = this.#connections.get(pair(a, b));
    if (stale) this.#close(stale, "its program was started anew");
    const [dialler, acceptor] = [this.#transports.get(a)!, this.#transports.get(b)!];
    const ways = { there: this.#direction(a, b), back: this.#direction(b, a) };
    this.#connections.set(
      pair(a, b),
      new SimulatedConnection(dialler, acceptor, ways, this.#clock),
    );
    if (a === b) return;
    this.#trace.record(a, "connected", b);
    dialler.sessionContext.handlers.emitPeer(b, "up");
    acceptor.sessionContext.handlers.emitPeer(a, "up");
  }

  #break(connection: SimulatedConnection, why: string): void {
    const [a, b] = [connection.dialler.transport.nodeId, connection.acceptor.transport.nodeId];
    if (this.#connections.get(pair(a, b)) !== connection) return;
    this.#close(connection, why);
    this.#connectSoon(a, b);
  }

  #close(connection: SimulatedConnection, why: string): void {
    const { dialler, acceptor } = connection;
    this.#forget(connection);
    this.#trace.record(dialler.transport.nodeId, "disconnected", acceptor.transport.nodeId);
    this.#closeSide(connection, dialler, why);
    this.#closeSide(connection, acceptor, why);
  }

  #closeSide(connection: SimulatedConnection, side: Side, why: string): void {
    if (!side.isOpen) return;
    const { nodeId } = connection.otherSideOf(side.transport).transport;
    connection.close(side, new TransportError("connection-lost", `${nodeId}: ${why}`));
    side.enter(() => side.transport.sessionContext.handlers.emitPeer(nodeId, "down"));
  }

  #forget({ dialler, acceptor }: SimulatedConnection): void {
    this.#connections.delete(pair(dialler.transport.nodeId, acceptor.transport.nodeId));
  }

  #isCut(a: string, b: string): boolean {
    return this.#direction(a, b).blocked && this.#direction(b, a).blocked;
  }

  #direction(from: string, to: string): Direction {
    const name = JSON.stringify([from, to]);
    const known = this.#directions.get(name);
    if (known) return known;
    const random = this.#random.fork(name);
    const made = new Direction(from, to, () => this.#options, random, this.#trace);
    this.#directions.set(name, made);
    return made;
  }
}

function pair(a: string, b: string): string {
  return a < b ? `${a.length}:${a}${b}` : `${b.length}:${b}${a}`;
}

function unreachable(why: string): Route {
  const fail = (): never => {
    throw new TransportError("unreachable", why);
  };
  return { send: () => false, request: fail, openStream: fail };
}

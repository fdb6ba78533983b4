import type { Socket } from "node:net";
import type { Clock, Random, Timer } from "@quorate/runtime";
import { DEFAULT_TIMEOUT_MS } from "../session/outgoing-requests.ts";
import type { Route } from "../session/route.ts";
import type { SessionContext } from "../session/session-context.ts";
import { TransportError } from "../transport-error.ts";
import type { TransportStream } from "../transport-stream.ts";
import type { NodeId, RequestOptions } from "../transport.ts";
import { Backoff } from "./backoff.ts";
import { Connection } from "./connection.ts";
import {
  downChannel,
  refusedChannel,
  unreachableChannel,
  upChannel,
  violationChannel,
} from "./diagnostics.ts";
import { DialAttempt } from "./dial-attempt.ts";
import type { Greeting } from "./greeting.ts";
import type { Identity } from "./handshake.ts";
import type { Incoming } from "./incoming.ts";
import type { TcpAddress } from "./options.ts";
import { WaitingRoom } from "./waiting-room.ts";

type State =
  | { readonly kind: "idle" }
  | { readonly kind: "dialling"; readonly attempt: DialAttempt }
  | { readonly kind: "waiting"; readonly timer: Timer; readonly untilMs: number }
  | { readonly kind: "connected"; readonly connection: Connection; readonly sinceMs: number };

const IDLE: State = { kind: "idle" };

/**
 * One other node, and the one connection with it, whoever dialled. At most one newcomer is held
 * unanswered, while it is not yet known whether the connection that would go before it lives.
 */
export class TcpPeer implements Route {
  readonly id: NodeId;
  readonly #identity: Identity;
  readonly #context: SessionContext;
  readonly #clock: Clock;
  readonly #backoff: Backoff;
  readonly #waiting: WaitingRoom;
  readonly #onGone: () => void;
  #address: TcpAddress | undefined;
  #state: State = IDLE;
  #held: Incoming | undefined;
  #lastError: TransportError | undefined;
  #removed = false;

  /** `onGone` is called when there is neither a connection nor an address to dial. */
  constructor(
    id: NodeId,
    identity: Identity,
    context: SessionContext,
    random: Random,
    onGone: () => void,
  ) {
    const { min, max } = identity.options.reconnectBackoffMs;
    this.id = id;
    this.#identity = identity;
    this.#context = context;
    this.#clock = context.clock;
    this.#backoff = new Backoff(min, max, random.fork(id));
    this.#waiting = new WaitingRoom(id, context);
    this.#onGone = onGone;
  }

  get connection(): Connection | undefined {
    return this.#state.kind === "connected" ? this.#state.connection : undefined;
  }

  get state(): State["kind"] {
    return this.#state.kind;
  }

  get waitingBytes(): number {
    return this.#waiting.bytes;
  }

  /** Why it cannot be reached, in words; undefined when it can. */
  explain(): string | undefined {
    if (this.#state.kind === "connected") return undefined;
    const why = this.#lastError ? `: ${this.#lastError.message}` : "";
    if (this.#state.kind === "dialling") return `${this.id} is being dialled${why}`;
    if (this.#state.kind === "idle") return `${this.id} is not being dialled${why}`;
    const inMs = Math.max(0, Math.round(this.#state.untilMs - this.#clock.now()));
    return `${this.id} will be dialled again in ${inMs} ms${why}`;
  }

  /** Dials from now on; a connection that is there stays. */
  setAddress(address: TcpAddress): void {
    this.#address = address;
    if (this.#state.kind === "waiting") this.#state.timer.cancel();
    if (this.#state.kind === "idle" || this.#state.kind === "waiting") this.#dial();
  }

  send(protocol: string, message: Uint8Array): boolean {
    if (this.#state.kind === "connected")
      return this.#state.connection.session.send(protocol, message);
    if (this.#state.kind === "dialling") return this.#waiting.send(protocol, message);
    // The last attempt failed: by the next one, what is said now may be out of date.
    this.#context.counters.messagesDropped++;
    return false;
  }

  request(protocol: string, message: Uint8Array, options: RequestOptions): Promise<Uint8Array> {
    if (this.#state.kind === "connected") {
      return this.#state.connection.session.request(protocol, message, options);
    }
    const { timeoutMs = DEFAULT_TIMEOUT_MS, signal } = options;
    const waitMs = Math.min(timeoutMs, this.#identity.options.connectTimeoutMs);
    return this.#waiting.call(message.length, waitMs, signal, (session, waitedMs) => {
      const leftMs = Math.max(1, timeoutMs - waitedMs);
      return session.request(protocol, message, { ...options, timeoutMs: leftMs });
    });
  }

  openStream(protocol: string, signal: AbortSignal | undefined): Promise<TransportStream> {
    if (this.#state.kind === "connected") {
      return this.#state.connection.session.openStream(protocol, signal);
    }
    const { connectTimeoutMs } = this.#identity.options;
    return this.#waiting.call(0, connectTimeoutMs, signal, (session) =>
      session.openStream(protocol, signal),
    );
  }

  /**
   * Another process dialled under this name. Of two connections of one pair the one that the smaller
   * name dialled wins; see docs/decisions/0021.
   */
  offer(incoming: Incoming): void {
    const { remote } = incoming;
    if (this.#state.kind === "connected") {
      const current = this.#state.connection.remote;
      if (remote.incarnation !== current.incarnation) this.#holdDuringProbe(incoming);
      else if (remote.sequence > current.sequence) this.#replaceBy(incoming);
      else incoming.refuse(`${remote.to} has a later connection with ${remote.from}`, true);
      return;
    }
    const goesFirst = this.#identity.options.nodeId < this.id;
    if (this.#state.kind === "dialling" && this.#state.attempt.greeted && goesFirst) {
      this.#hold(incoming); // until it is known what became of ours
    } else {
      this.#accept(incoming);
    }
  }

  /** For good: what waits for a connection fails with `waiting`, what used one with `connected`. */
  remove(waiting: TransportError, connected: TransportError): void {
    this.#removed = true;
    this.#address = undefined;
    if (this.#state.kind === "dialling") this.#state.attempt.abandon();
    if (this.#state.kind === "waiting") this.#state.timer.cancel();
    this.#held?.socket.destroy();
    this.#held = undefined;
    this.#waiting.turnAllAway(waiting);
    if (this.#state.kind === "connected") this.#state.connection.close(connected);
    this.#state = IDLE;
  }

  #dial(): void {
    if (!this.#address) return;
    const attempt = new DialAttempt(this.id, this.#address, this.#identity, this.#clock, {
      onEstablished: (socket, remote, rest) => {
        this.#refuseHeld();
        this.#establish(socket, remote, rest, true);
      },
      onFailed: (error) => this.#attemptFailed(error),
      onRedundant: () => this.#retryLater(), // the other connection is about to be greeted on
    });
    this.#state = { kind: "dialling", attempt };
  }

  #attemptFailed(error: TransportError): void {
    this.#lastError = error;
    const channel = error.code === "refused" ? refusedChannel : unreachableChannel;
    this.#publish(channel, error.message);
    this.#state = IDLE;
    if (this.#acceptHeld()) return;
    this.#waiting.turnAllAway(error);
    this.#retryLater();
  }

  #retryLater(): void {
    this.#state = IDLE;
    if (this.#removed || this.#acceptHeld()) return;
    if (!this.#address) {
      this.#onGone();
      return;
    }
    const delayMs = this.#backoff.next();
    const timer = this.#clock.setTimer(delayMs, () => this.#dial());
    this.#state = { kind: "waiting", timer, untilMs: this.#clock.now() + delayMs };
  }

  #accept(incoming: Incoming): void {
    if (this.#state.kind === "dialling") this.#state.attempt.abandon();
    if (this.#state.kind === "waiting") this.#state.timer.cancel();
    incoming.accept();
    this.#establish(incoming.socket, incoming.remote, incoming.rest, false);
  }

  #establish(socket: Socket, remote: Greeting, rest: Uint8Array, dialled: boolean): void {
    const { keepAliveMs } = this.#identity.options;
    const lost = (error: TransportError): void => this.#connectionLost(connection, error);
    const connection = new Connection(socket, remote, this.#context, keepAliveMs, dialled, lost);
    this.#state = { kind: "connected", connection, sinceMs: this.#clock.now() };
    this.#lastError = undefined;
    this.#waiting.admitAll(connection.session);
    this.#publish(upChannel, "");
    this.#context.handlers.emitPeer(this.id, "up");
    connection.start(rest);
  }

  #connectionLost(connection: Connection, error: TransportError): void {
    if (this.#state.kind !== "connected" || this.#state.connection !== connection) return;
    const lastedMs = this.#clock.now() - this.#state.sinceMs;
    // One that broke at once tells of trouble that an immediate attempt would meet again.
    if (lastedMs >= this.#identity.options.reconnectBackoffMs.max) this.#backoff.reset();
    this.#lastError = error;
    if (error.code === "protocol-violation") this.#publish(violationChannel, error.message);
    this.#publish(downChannel, error.message);
    this.#state = IDLE;
    this.#context.handlers.emitPeer(this.id, "down");
    if (this.#state === IDLE) this.#retryLater();
  }

  #replaceBy(incoming: Incoming): void {
    const { from, to } = incoming.remote;
    const message = `the connection of ${to} with ${from} was replaced by a later one`;
    if (this.#state.kind === "connected") {
      this.#held = incoming; // taken by `#retryLater` when the old one is gone
      this.#state.connection.close(new TransportError("connection-lost", message));
    }
  }

  #hold(incoming: Incoming): void {
    this.#refuseHeld();
    this.#held = incoming;
  }

  /** Is this the node itself, come back before its old connection was seen to break, or a namesake? */
  #holdDuringProbe(incoming: Incoming): void {
    if (this.#state.kind !== "connected") return;
    const { connection } = this.#state;
    this.#hold(incoming);
    connection.probe(this.#identity.options.handshakeTimeoutMs / 2, (alive) => {
      if (this.#held !== incoming) return;
      if (!alive) {
        this.#replaceBy(incoming);
        return;
      }
      this.#held = undefined;
      const { from, to } = incoming.remote;
      const reason = `${to} is connected with another node named ${from}, at ${connection.remoteAddress}`;
      incoming.refuse(reason, false);
      this.#publish(refusedChannel, reason);
    });
  }

  #acceptHeld(): boolean {
    const held = this.#held;
    this.#held = undefined;
    if (!held?.isOpen) return false;
    this.#accept(held);
    return true;
  }

  #refuseHeld(): void {
    const held = this.#held;
    this.#held = undefined;
    if (!held) return;
    const { from, to } = held.remote;
    held.refuse(`${to} has another connection with ${from}`, true);
  }

  #publish(channel: typeof upChannel, reason: string): void {
    if (!channel.hasSubscribers) return;
    channel.publish({ nodeId: this.#identity.options.nodeId, peer: this.id, reason });
  }
}

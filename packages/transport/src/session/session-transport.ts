import type { Clock } from "@quorate/runtime";
import type { PeerListener } from "../peer-event.ts";
import { TransportError } from "../transport-error.ts";
import type { TransportStream } from "../transport-stream.ts";
import type {
  MessageListener,
  NodeId,
  RequestHandler,
  RequestOptions,
  StreamHandler,
  Transport,
  Unsubscribe,
} from "../transport.ts";
import { newCounters } from "./counters.ts";
import { Deadlines } from "./deadlines.ts";
import { addHandler, HandlerTable } from "./handler-table.ts";
import { encodeName } from "./protocol-names.ts";
import type { Route } from "./route.ts";
import type { SessionContext, SessionLimits } from "./session-context.ts";

/** What every transport has in common that talks by sessions: all but how a peer is reached. */
export abstract class SessionTransport implements Transport {
  readonly nodeId: NodeId;
  readonly maxMessageBytes: number;
  protected readonly context: SessionContext;
  #state: "new" | "started" | "stopped" = "new";
  #started: Promise<void> | undefined;
  #stopped: Promise<void> | undefined;

  constructor(nodeId: NodeId, limits: SessionLimits, clock: Clock) {
    encodeName("nodeId", nodeId);
    this.nodeId = nodeId;
    this.maxMessageBytes = limits.maxMessageBytes;
    this.context = {
      nodeId,
      clock,
      handlers: new HandlerTable(),
      deadlines: new Deadlines(clock),
      limits,
      counters: newCounters(),
    };
  }

  /** @throws {TransportError} `unknown-peer`, or `unreachable` where nothing may wait. */
  protected abstract route(to: NodeId): Route;
  protected abstract open(): Promise<void>;
  /** Closes every session with `error`, and whatever made new ones. */
  protected abstract close(error: TransportError): Promise<void>;

  send(to: NodeId, protocol: string, message: Uint8Array): boolean {
    this.#check(message.length);
    return this.route(to).send(protocol, message);
  }

  request(
    to: NodeId,
    protocol: string,
    message: Uint8Array,
    options: RequestOptions = {},
  ): Promise<Uint8Array> {
    try {
      this.#check(message.length);
      checkTimeout(options.timeoutMs);
      options.signal?.throwIfAborted();
      return this.route(to).request(protocol, message, options);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  openStream(
    to: NodeId,
    protocol: string,
    { signal }: { readonly signal?: AbortSignal } = {},
  ): Promise<TransportStream> {
    try {
      this.#check(0);
      signal?.throwIfAborted();
      return this.route(to).openStream(protocol, signal);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  onMessage(protocol: string, listener: MessageListener): Unsubscribe {
    return addHandler(this.context.handlers.messages, protocol, listener);
  }

  onRequest(protocol: string, handler: RequestHandler): Unsubscribe {
    return addHandler(this.context.handlers.requests, protocol, handler);
  }

  onStream(protocol: string, handler: StreamHandler): Unsubscribe {
    return addHandler(this.context.handlers.streams, protocol, handler);
  }

  onPeer(listener: PeerListener): Unsubscribe {
    return this.context.handlers.onPeer(listener);
  }

  start(): Promise<void> {
    if (this.#state === "stopped") return Promise.reject(this.#stoppedError());
    this.#started ??= this.#start();
    return this.#started;
  }

  stop(): Promise<void> {
    this.#stopped ??= this.#stop();
    return this.#stopped;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  async #start(): Promise<void> {
    await this.open();
    if (this.#state === "stopped") throw this.#stoppedError();
    this.#state = "started";
  }

  async #stop(): Promise<void> {
    this.#state = "stopped";
    this.context.handlers.clear();
    await this.#started?.catch(() => {}); // else it would open what was just closed
    await this.close(this.#stoppedError());
    this.context.deadlines.stop();
  }

  #check(messageBytes: number): void {
    if (this.#state === "new") {
      throw new TransportError("not-started", `the transport of ${this.nodeId} was not started`);
    }
    if (this.#state === "stopped") throw this.#stoppedError();
    const { maxMessageBytes } = this.context.limits;
    if (messageBytes <= maxMessageBytes) return;
    const size = `${messageBytes} bytes, above maxMessageBytes, ${maxMessageBytes}`;
    throw new TransportError("too-large", `the message has ${size}`);
  }

  #stoppedError(): TransportError {
    return new TransportError("stopped", `the transport of ${this.nodeId} was stopped`);
  }
}

function checkTimeout(timeoutMs: number | undefined): void {
  if (timeoutMs === undefined || timeoutMs > 0) return;
  throw new TransportError("invalid-option", `timeoutMs must be above 0, not ${timeoutMs}`);
}

import { TransportError } from "../transport-error.ts";
import type { TransportStream } from "../transport-stream.ts";
import type { NodeId, RequestOptions } from "../transport.ts";
import { FRAME, type Link, NO_BYTES } from "./frame.ts";
import { throwUncaught } from "./handler-table.ts";
import { IncomingRequests } from "./incoming-requests.ts";
import { OutgoingRequests } from "./outgoing-requests.ts";
import { IncomingNames, OutgoingNames } from "./protocol-names.ts";
import type { Route } from "./route.ts";
import type { RemoteLimits, SessionContext } from "./session-context.ts";
import { StreamTable } from "./stream-table.ts";

/**
 * One side of one connection between two nodes: turns calls into frames and frames into calls. Knows
 * nothing of sockets: a `Link` takes its frames, and whoever reads the other end calls `receive`.
 */
export class Session implements Route {
  readonly peer: NodeId;
  readonly #link: Link;
  readonly #context: SessionContext;
  readonly #maxMessageBytes: number;
  readonly #outgoingNames: OutgoingNames;
  readonly #incomingNames = new IncomingNames();
  readonly #outgoing: OutgoingRequests;
  readonly #incoming: IncomingRequests;
  readonly #streams: StreamTable;
  #closedBy: TransportError | undefined;

  constructor(
    peer: NodeId,
    link: Link,
    context: SessionContext,
    remote: RemoteLimits,
    dialled: boolean,
  ) {
    this.peer = peer;
    this.#link = link;
    this.#context = context;
    this.#maxMessageBytes = Math.min(remote.maxMessageBytes, context.limits.maxMessageBytes);
    this.#outgoingNames = new OutgoingNames(link);
    this.#outgoing = new OutgoingRequests(peer, link, context);
    this.#incoming = new IncomingRequests(peer, link, context, this.#maxMessageBytes);
    this.#streams = new StreamTable(peer, link, context, remote, dialled);
  }

  get requestsInFlight(): number {
    return this.#outgoing.size;
  }

  get openStreams(): number {
    return this.#streams.size;
  }

  send(protocol: string, message: Uint8Array): boolean {
    const { counters } = this.#context;
    this.#checkSize(message);
    if (this.#closedBy || this.#isFullWith(message)) {
      counters.messagesDropped++;
      return false;
    }
    this.#link.push(FRAME.MESSAGE, this.#outgoingNames.numberOf(protocol), 0, message);
    counters.messagesSent++;
    return true;
  }

  request(protocol: string, message: Uint8Array, options: RequestOptions): Promise<Uint8Array> {
    this.#checkSize(message);
    this.#checkOpen();
    const { maxRequestsInFlightPerPeer } = this.#context.limits;
    if (this.#outgoing.size >= maxRequestsInFlightPerPeer) {
      throw overloaded(`${this.#outgoing.size} requests to ${this.peer} wait for their answers`);
    }
    if (this.#isFullWith(message)) {
      throw overloaded(`${this.#link.queuedBytes} bytes wait in the queue to ${this.peer}`);
    }
    return this.#outgoing.send(this.#outgoingNames.numberOf(protocol), message, options);
  }

  openStream(protocol: string, signal: AbortSignal | undefined): Promise<TransportStream> {
    this.#checkOpen();
    return this.#streams.open(this.#outgoingNames.numberOf(protocol), signal);
  }

  /**
   * Takes the next frame of the other side. Calls listeners at once.
   *
   * @throws {TransportError} `protocol-violation`: the connection must be closed.
   */
  receive(kind: number, number: number, id: number, payload: Uint8Array): void {
    if (this.#closedBy) return;
    switch (kind) {
      case FRAME.MESSAGE:
        this.#deliver(number, payload);
        break;
      case FRAME.REQUEST:
        this.#incoming.serve(this.#incomingNames.nameOf(number), id, payload);
        break;
      case FRAME.RESPONSE:
        this.#outgoing.answered(id, payload);
        break;
      case FRAME.FAILURE:
        this.#outgoing.failed(id, number, payload);
        break;
      case FRAME.CANCEL:
        this.#incoming.cancel(id);
        break;
      case FRAME.OPEN:
        this.#streams.receiveOpen(id, this.#incomingNames.nameOf(number));
        break;
      case FRAME.ACCEPT:
      case FRAME.DATA:
      case FRAME.CREDIT:
      case FRAME.END:
      case FRAME.RESET:
        this.#streams.receive(kind, number, id, payload);
        break;
      case FRAME.NAME:
        this.#incomingNames.introduce(number, payload);
        break;
      case FRAME.PING:
        this.#link.push(FRAME.PONG, 0, id, NO_BYTES);
        break;
      case FRAME.PONG:
        break; // that it came is what counts
      default:
        throw new TransportError("protocol-violation", `no frame is of kind ${kind}`);
    }
  }

  /** The link's queue has room again. */
  drained(): void {
    this.#streams.pump();
  }

  /** The connection is lost, or given up: all that waits fails with `error`. */
  close(error: TransportError): void {
    if (this.#closedBy) return;
    this.#closedBy = error;
    this.#outgoing.close(error);
    this.#incoming.close(error);
    this.#streams.close(error);
  }

  #deliver(protocol: number, message: Uint8Array): void {
    const { handlers, counters } = this.#context;
    const listener = handlers.messages.get(this.#incomingNames.nameOf(protocol));
    if (!listener) {
      counters.messagesUnhandled++;
      return;
    }
    counters.messagesReceived++;
    try {
      listener(this.peer, message);
    } catch (error) {
      throwUncaught(error);
    }
  }

  #checkSize(message: Uint8Array): void {
    if (message.length <= this.#maxMessageBytes) return;
    const size = `${message.length} bytes, above the ${this.#maxMessageBytes} of ${this.peer}`;
    throw new TransportError("too-large", `the message has ${size}`);
  }

  #checkOpen(): void {
    if (this.#closedBy) throw new TransportError("unreachable", this.#closedBy.message);
  }

  #isFullWith(message: Uint8Array): boolean {
    const queuedBytes = this.#link.queuedBytes + message.length;
    return queuedBytes > this.#context.limits.maxQueuedBytesPerPeer;
  }
}

function overloaded(message: string): TransportError {
  return new TransportError("overloaded", message);
}

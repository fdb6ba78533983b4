import { TransportError } from "../transport-error.ts";
import type { TransportStream } from "../transport-stream.ts";
import type { NodeId, StreamHandler } from "../transport.ts";
import {
  decodeReason,
  encodeReason,
  failureCode,
  type FailureCode,
  failureNumber,
  messageOf,
} from "./failure.ts";
import { FRAME, type Link, NO_BYTES } from "./frame.ts";
import type { RemoteLimits, SessionContext } from "./session-context.ts";
import { MAX_DATA_BYTES, type StreamOwner, WindowedStream } from "./windowed-stream.ts";

interface Opening {
  readonly resolve: (stream: TransportStream) => void;
  readonly reject: (reason: unknown) => void;
}

/** The streams of one connection. Ids of the side that dialled are odd, of the other side even. */
export class StreamTable implements StreamOwner {
  readonly link: Link;
  readonly maxQueuedBytes: number;
  readonly maxDataBytes: number;
  readonly #peer: NodeId;
  readonly #context: SessionContext;
  readonly #remote: RemoteLimits;
  readonly #parity: 0 | 1;
  readonly #streams = new Map<number, WindowedStream>();
  readonly #opening = new Map<number, Opening>();
  #nextId: number;

  constructor(
    peer: NodeId,
    link: Link,
    context: SessionContext,
    remote: RemoteLimits,
    dialled: boolean,
  ) {
    this.#peer = peer;
    this.link = link;
    this.maxQueuedBytes = context.limits.maxQueuedBytesPerPeer;
    this.maxDataBytes = Math.min(MAX_DATA_BYTES, remote.maxMessageBytes);
    this.#context = context;
    this.#remote = remote;
    this.#parity = dialled ? 1 : 0;
    this.#nextId = dialled ? 1 : 2;
  }

  get size(): number {
    return this.#streams.size;
  }

  open(protocol: number, signal: AbortSignal | undefined): Promise<TransportStream> {
    const { counters, limits } = this.#context;
    if (this.#streams.size >= limits.maxStreamsPerPeer) {
      const message = `${this.#streams.size} streams with ${this.#peer} are open already`;
      return Promise.reject(new TransportError("overloaded", message));
    }
    const id = this.#freeId();
    const stream = this.#create(id);
    counters.streamsOpened++;
    this.link.push(FRAME.OPEN, protocol, id, NO_BYTES);
    if (signal) this.#resetOnAbort(id, stream, signal);
    return new Promise((resolve, reject) => this.#opening.set(id, { resolve, reject }));
  }

  /** @throws {TransportError} `protocol-violation`. */
  receiveOpen(id: number, protocol: string): void {
    if (id % 2 === this.#parity || this.#streams.has(id)) {
      throw new TransportError("protocol-violation", `stream ${id} cannot be opened`);
    }
    const { handlers, limits, nodeId, counters } = this.#context;
    const handler = handlers.streams.get(protocol);
    if (!handler) {
      this.#refuse(id, "no-handler", `${nodeId} has no handler for streams of ${protocol}`);
    } else if (this.#streams.size >= limits.maxStreamsPerPeer) {
      this.#refuse(id, "overloaded", `${nodeId} has ${this.#streams.size} streams with this peer`);
    } else {
      const stream = this.#create(id);
      counters.streamsAccepted++;
      this.link.push(FRAME.ACCEPT, 0, id, NO_BYTES);
      void this.#handle(handler, stream);
    }
  }

  /**
   * Frames of a stream that this side reset may still be under way: they are ignored.
   *
   * @throws {TransportError} `protocol-violation`.
   */
  receive(kind: number, number: number, id: number, payload: Uint8Array): void {
    const stream = this.#streams.get(id);
    if (!stream) return;
    switch (kind) {
      case FRAME.ACCEPT: {
        const opening = this.#opening.get(id);
        this.#opening.delete(id);
        opening?.resolve(stream);
        break;
      }
      case FRAME.DATA:
        stream.receive(payload);
        break;
      case FRAME.CREDIT:
        stream.receiveCredit(decodeCredit(payload));
        break;
      case FRAME.END:
        stream.receiveEnd();
        break;
      default:
        this.#fail(id, stream, new TransportError(failureCode(number), decodeReason(payload)));
    }
  }

  /** The connection's queue has room again. */
  pump(): void {
    for (const stream of this.#streams.values()) stream.pump();
  }

  close(error: TransportError): void {
    for (const [id, stream] of this.#streams) {
      this.#opening.get(id)?.reject(error);
      stream.fail(new TransportError("stream-reset", error.message, { cause: error }));
    }
    this.#opening.clear();
  }

  forget(id: number): void {
    this.#streams.delete(id);
  }

  #create(id: number): WindowedStream {
    const { streamWindowBytes } = this.#context.limits;
    const stream = new WindowedStream(id, this, streamWindowBytes, this.#remote.streamWindowBytes);
    this.#streams.set(id, stream);
    return stream;
  }

  #refuse(id: number, code: FailureCode, reason: string): void {
    this.link.push(FRAME.RESET, failureNumber(code), id, encodeReason(reason));
  }

  async #handle(handler: StreamHandler, stream: WindowedStream): Promise<void> {
    try {
      await handler(this.#peer, stream);
    } catch (error) {
      stream.reset(messageOf(error));
    }
  }

  /** Before the stream is open the caller learns of it by a rejection, later by the stream. */
  #fail(id: number, stream: WindowedStream, error: TransportError): void {
    this.#opening.get(id)?.reject(error);
    this.#opening.delete(id);
    stream.fail(new TransportError("stream-reset", error.message, { cause: error }));
  }

  #resetOnAbort(id: number, stream: WindowedStream, signal: AbortSignal): void {
    const abort = (): void => {
      this.#opening.get(id)?.reject(signal.reason);
      this.#opening.delete(id);
      stream.reset(messageOf(signal.reason));
    };
    signal.addEventListener("abort", abort, { once: true });
    stream.onOver = () => signal.removeEventListener("abort", abort);
  }

  #freeId(): number {
    const id = this.#nextId;
    this.#nextId = id + 2 > 0xffff_ffff ? 2 - this.#parity : id + 2;
    return this.#streams.has(id) ? this.#freeId() : id;
  }
}

function decodeCredit(payload: Uint8Array): number {
  if (payload.length !== 4) {
    throw new TransportError("protocol-violation", `a credit of ${payload.length} bytes, not 4`);
  }
  return new DataView(payload.buffer, payload.byteOffset, 4).getUint32(0, true);
}

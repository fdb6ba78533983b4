import { TransportError } from "../transport-error.ts";
import type { NodeId, RequestOptions } from "../transport.ts";
import { Deadline } from "./deadlines.ts";
import { decodeReason, failureCode } from "./failure.ts";
import { FRAME, type Link, NO_BYTES } from "./frame.ts";
import type { SessionContext } from "./session-context.ts";

export const DEFAULT_TIMEOUT_MS = 10_000;

const MAX_ID = 0xffff_ffff;

/** The requests of this side that wait for their answer on one connection. */
export class OutgoingRequests {
  readonly #peer: NodeId;
  readonly #link: Link;
  readonly #context: SessionContext;
  readonly #waiting = new Map<number, OutgoingRequest>();
  #lastId = 0;

  constructor(peer: NodeId, link: Link, context: SessionContext) {
    this.#peer = peer;
    this.#link = link;
    this.#context = context;
  }

  get size(): number {
    return this.#waiting.size;
  }

  send(protocol: number, message: Uint8Array, options: RequestOptions): Promise<Uint8Array> {
    const { signal, timeoutMs = DEFAULT_TIMEOUT_MS } = options;
    return new Promise((resolve, reject) => {
      const id = this.#freeId();
      const request = new OutgoingRequest(this, id, timeoutMs, resolve, reject, signal);
      this.#waiting.set(id, request);
      this.#context.deadlines.add(request, timeoutMs);
      this.#context.counters.requestsSent++;
      this.#link.push(FRAME.REQUEST, protocol, id, message);
    });
  }

  /** An answer to a request that was given up is ignored. */
  answered(id: number, answer: Uint8Array): void {
    const request = this.#take(id);
    if (request) request.resolve(answer);
  }

  /** @throws {TransportError} `protocol-violation` on a failure without a meaning. */
  failed(id: number, codeNumber: number, reason: Uint8Array): void {
    const code = failureCode(codeNumber);
    this.#fail(id, new TransportError(code, decodeReason(reason)));
  }

  /** The caller no longer waits: tells the other side. */
  giveUp(id: number, reason: unknown): void {
    this.#fail(id, reason);
    this.#link.push(FRAME.CANCEL, 0, id, NO_BYTES);
  }

  expire(id: number, timeoutMs: number): void {
    const message = `no answer from ${this.#peer} within ${timeoutMs} ms`;
    this.giveUp(id, new TransportError("timeout", message));
  }

  close(error: TransportError): void {
    for (const id of this.#waiting.keys()) this.#fail(id, error);
  }

  #fail(id: number, reason: unknown): void {
    const request = this.#take(id);
    if (!request) return;
    this.#context.counters.requestsFailed++;
    request.reject(reason);
  }

  #take(id: number): OutgoingRequest | undefined {
    const request = this.#waiting.get(id);
    if (!request) return undefined;
    this.#waiting.delete(id);
    this.#context.deadlines.remove(request);
    request.stopListening();
    return request;
  }

  #freeId(): number {
    do this.#lastId = this.#lastId === MAX_ID ? 1 : this.#lastId + 1;
    while (this.#waiting.has(this.#lastId));
    return this.#lastId;
  }
}

class OutgoingRequest extends Deadline {
  readonly resolve: (answer: Uint8Array) => void;
  readonly reject: (reason: unknown) => void;
  readonly #requests: OutgoingRequests;
  readonly #id: number;
  readonly #timeoutMs: number;
  readonly #signal: AbortSignal | undefined;
  readonly #abort: (() => void) | undefined;

  constructor(
    requests: OutgoingRequests,
    id: number,
    timeoutMs: number,
    resolve: (answer: Uint8Array) => void,
    reject: (reason: unknown) => void,
    signal: AbortSignal | undefined,
  ) {
    super();
    this.#requests = requests;
    this.#id = id;
    this.#timeoutMs = timeoutMs;
    this.resolve = resolve;
    this.reject = reject;
    if (!signal) return;
    this.#signal = signal;
    this.#abort = () => requests.giveUp(id, signal.reason);
    signal.addEventListener("abort", this.#abort, { once: true });
  }

  override expire(): void {
    this.#requests.expire(this.#id, this.#timeoutMs);
  }

  stopListening(): void {
    if (this.#abort) this.#signal?.removeEventListener("abort", this.#abort);
  }
}

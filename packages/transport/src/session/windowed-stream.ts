import { TransportError } from "../transport-error.ts";
import type { TransportStream } from "../transport-stream.ts";
import { encodeReason, failureNumber } from "./failure.ts";
import { FRAME, type Link, NO_BYTES } from "./frame.ts";

/** Longer chunks are cut, so that messages do not wait behind them. */
export const MAX_DATA_BYTES: number = 64 * 1_024;

/** Calls of `write` and `end` that may wait at once; one more throws `overloaded`. */
const MAX_WAITING_WRITES = 1_024;

interface Write {
  /** What of the chunk is not sent yet; undefined: the end. */
  rest: Uint8Array | undefined;
  readonly resolve: () => void;
  readonly reject: (reason: unknown) => void;
}

interface Read {
  readonly resolve: (result: IteratorResult<Uint8Array>) => void;
  readonly reject: (reason: unknown) => void;
}

export interface StreamOwner {
  readonly link: Link;
  readonly maxQueuedBytes: number;
  readonly maxDataBytes: number;
  /** No frame of this stream is expected any more. */
  forget(id: number): void;
}

/**
 * One side of a stream. It sends no more than the credit that the other side granted, and grants
 * more as its own reader goes on: so at most one window is buffered on either side.
 */
export class WindowedStream implements TransportStream {
  readonly #id: number;
  readonly #owner: StreamOwner;
  readonly #windowBytes: number;
  readonly #writes: Write[] = [];
  readonly #received: Uint8Array[] = [];
  readonly #reads: Read[] = [];
  #credit: number;
  #unread = 0;
  #readSinceCredit = 0;
  #ending = false;
  #sentEnd = false;
  #receivedEnd = false;
  #failure: TransportError | undefined;

  /** Called once when no frame is sent or expected any more. */
  onOver: () => void = () => {};

  constructor(id: number, owner: StreamOwner, windowBytes: number, credit: number) {
    this.#id = id;
    this.#owner = owner;
    this.#windowBytes = windowBytes;
    this.#credit = credit;
  }

  write(chunk: Uint8Array): Promise<void> {
    if (this.#ending) {
      return Promise.reject(new TransportError("stream-reset", "this side has ended the stream"));
    }
    return this.#enqueue(chunk);
  }

  end(): Promise<void> {
    if (this.#ending) return Promise.resolve();
    const ended = this.#enqueue(undefined);
    this.#ending = true;
    return ended;
  }

  reset(reason: string): void {
    if (this.#failure || (this.#sentEnd && this.#receivedEnd && this.#unread === 0)) return;
    const { link } = this.#owner;
    if (!(this.#sentEnd && this.#receivedEnd)) {
      link.push(FRAME.RESET, failureNumber("stream-reset"), this.#id, encodeReason(reason));
    }
    this.fail(new TransportError("stream-reset", reason));
  }

  [Symbol.asyncIterator](): AsyncIterator<Uint8Array> {
    // No `return`: whoever leaves a loop early may go on reading later, or call `reset`.
    return { next: () => this.#read() };
  }

  /** Both directions are over: what waits rejects. Nothing is sent. */
  fail(error: TransportError): void {
    if (this.#failure) return;
    this.#failure = error;
    this.#received.length = 0;
    this.#unread = 0;
    for (const write of this.#writes.splice(0)) write.reject(error);
    for (const read of this.#reads.splice(0)) read.reject(error);
    this.#over();
  }

  /** @throws {TransportError} `protocol-violation` when the other side had no credit for it. */
  receive(chunk: Uint8Array): void {
    if (
      this.#receivedEnd ||
      this.#unread + this.#readSinceCredit + chunk.length > this.#windowBytes
    ) {
      throw new TransportError("protocol-violation", `stream ${this.#id} got more than its window`);
    }
    if (chunk.length === 0) return;
    const read = this.#reads.shift();
    if (!read) {
      this.#received.push(chunk);
      this.#unread += chunk.length;
      return;
    }
    this.#consumed(chunk.length);
    read.resolve({ done: false, value: chunk });
  }

  receiveEnd(): void {
    this.#receivedEnd = true;
    for (const read of this.#reads.splice(0)) read.resolve({ done: true, value: undefined });
    this.#forgetIfOver();
  }

  receiveCredit(bytes: number): void {
    this.#credit += bytes;
    this.pump();
  }

  /** Sends as far as the credit and the connection's queue reach. */
  pump(): void {
    const { link, maxQueuedBytes, maxDataBytes } = this.#owner;
    for (let write = this.#writes[0]; write; write = this.#writes[0]) {
      while (write.rest && write.rest.length > 0) {
        const length = Math.min(write.rest.length, this.#credit, maxDataBytes);
        if (length === 0 || link.queuedBytes > maxQueuedBytes) return;
        this.#credit -= length;
        link.push(FRAME.DATA, 0, this.#id, write.rest.subarray(0, length));
        write.rest = write.rest.subarray(length);
      }
      this.#writes.shift();
      if (!write.rest) this.#sendEnd();
      write.resolve();
    }
  }

  #enqueue(rest: Uint8Array | undefined): Promise<void> {
    if (this.#failure) return Promise.reject(this.#failure);
    if (this.#writes.length >= MAX_WAITING_WRITES) {
      const message = `${MAX_WAITING_WRITES} writes of this stream wait already`;
      return Promise.reject(new TransportError("overloaded", message));
    }
    return new Promise((resolve, reject) => {
      this.#writes.push({ rest, resolve, reject });
      if (this.#writes.length === 1) this.pump();
    });
  }

  #sendEnd(): void {
    this.#sentEnd = true;
    this.#owner.link.push(FRAME.END, 0, this.#id, NO_BYTES);
    this.#forgetIfOver();
  }

  #forgetIfOver(): void {
    if (this.#sentEnd && this.#receivedEnd) this.#over();
  }

  #over(): void {
    this.#owner.forget(this.#id);
    this.onOver();
  }

  #read(): Promise<IteratorResult<Uint8Array>> {
    const chunk = this.#received.shift();
    if (chunk) {
      this.#unread -= chunk.length;
      this.#consumed(chunk.length);
      return Promise.resolve({ done: false, value: chunk });
    }
    if (this.#failure) return Promise.reject(this.#failure);
    if (this.#receivedEnd) return Promise.resolve({ done: true, value: undefined });
    return new Promise((resolve, reject) => this.#reads.push({ resolve, reject }));
  }

  /** Grants credit by halves of the window: a frame for each chunk read would cost more. */
  #consumed(bytes: number): void {
    this.#readSinceCredit += bytes;
    if (this.#receivedEnd || this.#readSinceCredit * 2 < this.#windowBytes) return;
    const credit = new Uint8Array(4);
    new DataView(credit.buffer).setUint32(0, this.#readSinceCredit, true);
    this.#readSinceCredit = 0;
    this.#owner.link.push(FRAME.CREDIT, 0, this.#id, credit);
  }
}

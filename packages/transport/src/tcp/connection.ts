import type { Socket } from "node:net";
import type { Timer } from "@quorate/runtime";
import { FRAME, NO_BYTES } from "../session/frame.ts";
import { Session } from "../session/session.ts";
import type { SessionContext } from "../session/session-context.ts";
import { TransportError } from "../transport-error.ts";
import { FrameDecoder } from "./frame-decoder.ts";
import type { Greeting } from "./greeting.ts";
import { Outbox } from "./outbox.ts";

/** A socket after its handshake, and the session that talks over it. */
export class Connection {
  readonly session: Session;
  /** What the other side said of itself. */
  readonly remote: Greeting;
  readonly #socket: Socket;
  readonly #context: SessionContext;
  readonly #keepAliveMs: number;
  readonly #outbox: Outbox;
  readonly #decoder: FrameDecoder;
  readonly #onClosed: (error: TransportError) => void;
  #bytesReceived = 0;
  #bytesAtLastLook = 0;
  #asked = false;
  #timer: Timer | undefined;
  #probe: Timer | undefined;
  #isClosed = false;

  constructor(
    socket: Socket,
    remote: Greeting,
    context: SessionContext,
    keepAliveMs: number,
    dialled: boolean,
    onClosed: (error: TransportError) => void,
  ) {
    this.remote = remote;
    this.#socket = socket;
    this.#context = context;
    this.#keepAliveMs = keepAliveMs;
    this.#onClosed = onClosed;
    this.#outbox = new Outbox(socket, () => this.session.drained());
    this.session = new Session(remote.from, this.#outbox, context, remote, dialled);
    const receive = this.session.receive.bind(this.session);
    this.#decoder = new FrameDecoder(context.limits.maxMessageBytes, receive);
    socket.on("data", (chunk: Buffer) => this.#receive(chunk));
    socket.on("error", (cause) => this.close(this.#lost(cause.message, cause)));
    socket.on("close", () => this.close(this.#lost("the other side closed it")));
    this.#watch();
  }

  /** Where the other side is, for people. */
  get remoteAddress(): string {
    return `${this.#socket.remoteAddress}:${this.#socket.remotePort}`;
  }

  get bytesSent(): number {
    return this.#outbox.bytesSent;
  }

  get bytesReceived(): number {
    return this.#bytesReceived;
  }

  get queuedBytes(): number {
    return this.#outbox.queuedBytes;
  }

  /** Begins to read; `rest` is what arrived together with the handshake. */
  start(rest: Uint8Array): void {
    if (rest.length > 0) this.#receive(rest);
    this.#socket.resume();
  }

  /** Calls back with whether the other side gave a sign of life within that time. */
  probe(timeoutMs: number, answer: (alive: boolean) => void): void {
    const before = this.#bytesReceived;
    this.#outbox.push(FRAME.PING, 0, 0, NO_BYTES);
    this.#probe?.cancel();
    this.#probe = this.#context.clock.setTimer(timeoutMs, () => {
      answer(this.#bytesReceived > before);
    });
  }

  close(error: TransportError): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#timer?.cancel();
    this.#probe?.cancel();
    this.#outbox.flush();
    this.#outbox.close();
    this.#socket.destroy();
    this.session.close(error);
    this.#onClosed(error);
  }

  #receive(chunk: Uint8Array): void {
    if (this.#isClosed) return;
    this.#bytesReceived += chunk.length;
    try {
      this.#decoder.push(chunk);
      this.#checkQueue();
    } catch (error) {
      if (!(error instanceof TransportError)) throw error;
      this.close(error);
    }
  }

  /** What cannot be dropped (failures, credits) is bounded too: it only ever answers a frame. */
  #checkQueue(): void {
    const { queuedBytes } = this.#outbox;
    if (queuedBytes <= 2 * this.#context.limits.maxQueuedBytesPerPeer) return;
    this.close(this.#lost(`it sends but does not read: ${queuedBytes} bytes wait for it`));
  }

  #watch(): void {
    this.#timer = this.#context.clock.setTimer(this.#keepAliveMs, () => this.#look());
  }

  #look(): void {
    if (this.#bytesReceived === this.#bytesAtLastLook) {
      if (this.#asked) {
        // If it was this process that slept, the answer lies in the kernel: read it first.
        setImmediate(() => this.#giveUpIfSilent());
        return;
      }
      this.#asked = true;
      this.#outbox.push(FRAME.PING, 0, 0, NO_BYTES);
    } else {
      this.#asked = false;
      this.#bytesAtLastLook = this.#bytesReceived;
    }
    this.#watch();
  }

  #giveUpIfSilent(): void {
    if (this.#isClosed) return;
    if (this.#bytesReceived === this.#bytesAtLastLook) {
      this.close(this.#lost(`it was silent for ${2 * this.#keepAliveMs} ms`));
    } else {
      this.#asked = false;
      this.#watch();
    }
  }

  #lost(why: string, cause?: Error): TransportError {
    const { from, to } = this.remote;
    const message = `the connection of ${to} with ${from} was lost: ${why}`;
    return new TransportError("connection-lost", message, { cause });
  }
}

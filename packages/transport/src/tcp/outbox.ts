import type { Socket } from "node:net";
import type { FrameKind, Link } from "../session/frame.ts";
import { HEADER_BYTES, writeHeader } from "./frame-header.ts";

/** Frames are gathered in pieces of memory of this size; one that is full leaves at once. */
const SLAB_BYTES = 64 * 1_024;

/** From here on a payload is written as it is: copying costs more than one more part of a writev. */
const BY_REFERENCE_BYTES = 8 * 1_024;

/**
 * Gathers the frames of one turn of the event loop and writes them at once, when the turn's I/O
 * callbacks have run (`setImmediate`): a system call costs more than a frame.
 */
export class Outbox implements Link {
  readonly #socket: Socket;
  readonly #onRoom: () => void;
  #slab = Buffer.allocUnsafeSlow(SLAB_BYTES);
  #view = new DataView(this.#slab.buffer);
  #written = 0;
  #filled = 0;
  #bytesSent = 0;
  #scheduled = false;
  #closed = false;

  /** `onRoom` is called after a turn's frames have left, if they have. */
  constructor(socket: Socket, onRoom: () => void) {
    this.#socket = socket;
    this.#onRoom = onRoom;
    socket.on("drain", onRoom);
  }

  get queuedBytes(): number {
    return this.#filled - this.#written + this.#socket.writableLength;
  }

  /** What was pushed since the beginning. */
  get bytesSent(): number {
    return this.#bytesSent;
  }

  push(kind: FrameKind, number: number, id: number, payload: Uint8Array): void {
    if (this.#closed) return;
    const copied = payload.length < BY_REFERENCE_BYTES;
    const needed = copied ? HEADER_BYTES + payload.length : HEADER_BYTES;
    if (this.#filled + needed > SLAB_BYTES) this.#renew();
    const at = this.#filled;
    this.#filled += needed;
    this.#bytesSent += HEADER_BYTES + payload.length;
    writeHeader(this.#view, at, payload.length, kind, number, id);
    if (!copied) this.#writeThrough(payload);
    else if (payload.length > 0) this.#slab.set(payload, at + HEADER_BYTES);
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(this.#flushLater);
  }

  flush(): void {
    if (this.#closed || this.#filled === this.#written) return;
    const part = this.#slab.subarray(this.#written, this.#filled);
    this.#written = this.#filled;
    this.#socket.write(part);
    // Where the kernel took all of it, the memory can be used again at once.
    if (this.#socket.writableLength === 0) this.#written = this.#filled = 0;
  }

  /** What was not flushed is lost; later frames are, too. */
  close(): void {
    this.#closed = true;
  }

  readonly #flushLater = (): void => {
    this.#scheduled = false;
    this.flush();
    if (!this.#closed && !this.#socket.writableNeedDrain) this.#onRoom();
  };

  #renew(): void {
    this.flush();
    if (this.#filled === 0) return;
    this.#slab = Buffer.allocUnsafeSlow(SLAB_BYTES);
    this.#view = new DataView(this.#slab.buffer);
    this.#written = this.#filled = 0;
  }

  #writeThrough(payload: Uint8Array): void {
    this.#socket.cork();
    this.flush();
    this.#socket.write(payload);
    this.#socket.uncork();
  }
}

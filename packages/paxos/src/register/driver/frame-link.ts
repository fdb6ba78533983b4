import { type Transport, TransportError, type Unsubscribe } from "@quorate/transport";
import { ByteWriter } from "../../core/codec/byte-writer.ts";
import { PaxosError } from "../../paxos-error.ts";
import { decodeFrame, encodeFrame } from "../core/codec/frame-codec.ts";
import type { Frame } from "../core/frame.ts";

/** Frames over a transport. */
export class FrameLink {
  readonly #transport: Transport;
  readonly #protocol: string;
  readonly #writer = new ByteWriter();
  #lastFrame: Frame | undefined;
  #lastPieces: readonly Uint8Array[] = [];
  sent = 0;
  dropped = 0;
  received = 0;
  refused = 0;

  constructor(transport: Transport, protocol: string) {
    this.#transport = transport;
    this.#protocol = protocol;
  }

  listen(receive: (from: string, frame: Frame) => void): Unsubscribe {
    return this.#transport.onMessage(this.#protocol, (from, bytes) => {
      const frame = this.#decode(bytes);
      if (frame) receive(from, frame);
    });
  }

  /** What cannot be sent is lost, and sent again when it must. One frame to several is encoded once. */
  send(to: string, frame: Frame): void {
    if (frame !== this.#lastFrame) {
      this.#lastPieces = encodeFrame(frame, this.#transport.maxMessageBytes, this.#writer);
      this.#lastFrame = frame;
    }
    for (const piece of this.#lastPieces) {
      if (this.#trySend(to, piece)) this.sent++;
      else this.dropped++;
    }
  }

  #trySend(to: string, bytes: Uint8Array): boolean {
    try {
      return this.#transport.send(to, this.#protocol, bytes);
    } catch (error) {
      if (error instanceof TransportError) return false;
      throw error;
    }
  }

  #decode(bytes: Uint8Array): Frame | undefined {
    try {
      const frame = decodeFrame(bytes);
      this.received++;
      return frame;
    } catch (error) {
      if (!(error instanceof PaxosError)) throw error;
      this.refused++;
      return undefined;
    }
  }
}

import type { Clock, Timer } from "@quorate/runtime";
import type { FrameKind, Link } from "../session/frame.ts";
import type { Session } from "../session/session.ts";

interface Frame {
  readonly kind: FrameKind;
  readonly number: number;
  readonly id: number;
  readonly payload: Uint8Array;
  readonly arrivesAtMs: number;
}

/** What a frame counts beside its payload, so that the queue of empty ones is bounded too. */
const FRAME_OVERHEAD_BYTES = 12;

/** One direction of a connection in memory: frames arrive in order, each after its delay. */
export class MemoryLink implements Link {
  readonly #clock: Clock;
  readonly #delayMs: () => number;
  readonly #queue: Frame[] = [];
  #receiver: Session | undefined;
  #sender: Session | undefined;
  #queuedBytes = 0;
  #lastArrivesAtMs = 0;
  #timer: Timer | undefined;

  constructor(clock: Clock, delayMs: () => number) {
    this.#clock = clock;
    this.#delayMs = delayMs;
  }

  get queuedBytes(): number {
    return this.#queuedBytes;
  }

  connect(sender: Session, receiver: Session): void {
    this.#sender = sender;
    this.#receiver = receiver;
  }

  push(kind: FrameKind, number: number, id: number, payload: Uint8Array): void {
    if (!this.#receiver) return;
    const arrivesAtMs = Math.max(this.#lastArrivesAtMs, this.#clock.now() + this.#delayMs());
    this.#lastArrivesAtMs = arrivesAtMs;
    this.#queuedBytes += payload.length + FRAME_OVERHEAD_BYTES;
    this.#queue.push({ kind, number, id, payload, arrivesAtMs });
    if (this.#queue.length === 1) this.#arm(arrivesAtMs);
  }

  /** What is under way is lost. */
  cut(): void {
    this.#timer?.cancel();
    this.#queue.length = 0;
    this.#receiver = undefined;
    this.#sender = undefined;
  }

  #arm(arrivesAtMs: number): void {
    const delayMs = Math.max(0, arrivesAtMs - this.#clock.now());
    this.#timer = this.#clock.setTimer(delayMs, () => this.#deliver());
  }

  #deliver(): void {
    const nowMs = this.#clock.now();
    const later = this.#queue.findIndex((frame) => frame.arrivesAtMs > nowMs);
    for (const frame of this.#queue.splice(0, later < 0 ? this.#queue.length : later)) {
      this.#queuedBytes -= frame.payload.length + FRAME_OVERHEAD_BYTES;
      this.#receiver?.receive(frame.kind, frame.number, frame.id, frame.payload);
    }
    // Whatever was pushed while the queue was empty has armed a timer already; else the rest waits.
    this.#timer?.cancel();
    if (this.#queue[0]) this.#arm(this.#queue[0].arrivesAtMs);
    this.#sender?.drained();
  }
}

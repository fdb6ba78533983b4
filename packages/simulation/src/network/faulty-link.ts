import { crc32 } from "node:zlib";
import type { Clock, Timer } from "@quorate/runtime";
import { FRAME, type FrameKind, type Link, type Session } from "@quorate/transport/session";
import type { Direction } from "./direction.ts";

interface Frame {
  readonly kind: FrameKind;
  readonly number: number;
  readonly id: number;
  readonly payload: Uint8Array;
  readonly checksum: number;
  readonly arrivesAtMs: number;
}

/** What is at one end of a link. */
export interface End {
  readonly session: Session;
  /** Runs `act` as something that happens to this end's program. */
  readonly enter: (act: () => void) => void;
}

/** What a frame counts beside its payload, so that the queue of empty ones is bounded too. */
const FRAME_OVERHEAD_BYTES = 12;

/**
 * One direction of one connection. Frames arrive in order, but for messages that are lost, come
 * twice or are overtaken; whatever belongs to a request or a stream arrives in order and once, or its
 * connection breaks.
 */
export class FaultyLink implements Link {
  readonly #clock: Clock;
  readonly #direction: Direction;
  readonly #queue: Frame[] = [];
  readonly #strays = new Set<Timer>();
  #sender: End | undefined;
  #receiver: End | undefined;
  #queuedBytes = 0;
  #lastArrivesAtMs = 0;
  #timer: Timer | undefined;

  constructor(clock: Clock, direction: Direction) {
    this.#clock = clock;
    this.#direction = direction;
    direction.onChange = () => this.#arm();
  }

  get queuedBytes(): number {
    return this.#queuedBytes;
  }

  /** When all that is under way has arrived, as far as one can tell now. */
  get emptyAtMs(): number {
    return this.#lastArrivesAtMs;
  }

  connect(sender: End, receiver: End): void {
    this.#sender = sender;
    this.#receiver = receiver;
  }

  push(kind: FrameKind, number: number, id: number, payload: Uint8Array): void {
    const receiver = this.#receiver;
    if (!receiver) return;
    // What a protocol's number stands for is no message of anybody's: it must never be overtaken.
    if (kind === FRAME.NAME) return receiver.session.receive(kind, number, id, payload);
    const { from, to, trace } = this.#direction;
    const checksum = crc32(payload);
    trace.record(from, SENT[kind] ?? "send", to, payload.length, checksum);
    const arrivesAtMs = this.#direction.arrivalMs(this.#clock.now(), payload.length);
    const frame = { kind, number, id, payload, checksum, arrivesAtMs };
    if (kind === FRAME.MESSAGE) this.#pushMessage(frame);
    else this.#pushReliable(frame);
  }

  /** What is under way is lost. */
  cut(): void {
    this.#timer?.cancel();
    for (const stray of this.#strays) stray.cancel();
    this.#strays.clear();
    this.#queue.length = 0;
    this.#receiver = undefined;
    this.#sender = undefined;
  }

  /** The program that sends is dead: what it sent still arrives. */
  orphan(): void {
    this.#sender = undefined;
  }

  #pushMessage(frame: Frame): void {
    const { options, trace } = this.#direction;
    if (this.#direction.happens(options.lossProbability)) return this.#lose("message lost");
    if (this.#direction.happens(options.duplicationProbability)) {
      trace.count("message duplicated");
      this.#stray(frame);
    }
    if (this.#direction.happens(options.reorderProbability)) {
      trace.count("message reordered");
      this.#stray(frame);
    } else {
      this.#enqueue(frame);
    }
  }

  #pushReliable(frame: Frame): void {
    const { options, trace } = this.#direction;
    if (!this.#direction.happens(options.lossProbability)) return this.#enqueue(frame);
    trace.count("frame retransmitted");
    this.#enqueue({ ...frame, arrivesAtMs: frame.arrivesAtMs + options.retransmitMs });
  }

  #enqueue(frame: Frame): void {
    this.#lastArrivesAtMs = Math.max(this.#lastArrivesAtMs, frame.arrivesAtMs);
    this.#queuedBytes += frame.payload.length + FRAME_OVERHEAD_BYTES;
    this.#queue.push({ ...frame, arrivesAtMs: this.#lastArrivesAtMs });
    if (this.#queue.length === 1) this.#arm();
  }

  /** Comes late, and by itself. */
  #stray(frame: Frame): void {
    const { random, options } = this.#direction;
    const atMs = frame.arrivesAtMs + random.next() * options.reorderWindowMs;
    const timer = this.#clock.setTimer(Math.max(0, atMs - this.#clock.now()), () => {
      this.#strays.delete(timer);
      const receiver = this.#receiver;
      if (this.#direction.blocked) this.#lose("message lost in a partition");
      else receiver?.enter(() => this.#hand(frame));
    });
    this.#strays.add(timer);
  }

  #arm(): void {
    this.#timer?.cancel();
    const [next] = this.#queue;
    const { blocked, cloggedUntilMs } = this.#direction;
    if (!next || (blocked && this.#queue.every(({ kind }) => kind !== FRAME.MESSAGE))) return;
    const atMs = Math.max(next.arrivesAtMs, cloggedUntilMs);
    this.#timer = this.#clock.setTimer(Math.max(0, atMs - this.#clock.now()), () => {
      if (this.#direction.blocked) this.#dropMessages();
      else this.#receiver?.enter(() => this.#deliver());
    });
  }

  /** In a partition messages are lost, when they would arrive; the rest waits for its end. */
  #dropMessages(): void {
    const nowMs = this.#clock.now();
    const kept = this.#queue.filter(
      ({ kind, arrivesAtMs }) => kind !== FRAME.MESSAGE || arrivesAtMs > nowMs,
    );
    for (const frame of this.#queue) if (!kept.includes(frame)) this.#forget(frame);
    const lost = this.#queue.length - kept.length;
    this.#queue.splice(0, this.#queue.length, ...kept);
    if (lost > 0) this.#lose("message lost in a partition", lost);
    const later = kept.find(({ kind }) => kind === FRAME.MESSAGE);
    if (later) this.#timer = this.#clock.setTimer(later.arrivesAtMs - nowMs, () => this.#arm());
  }

  #deliver(): void {
    const nowMs = this.#clock.now();
    for (let next = this.#queue[0]; next; next = this.#queue[0]) {
      if (next.arrivesAtMs > nowMs || this.#direction.blocked || !this.#receiver) break;
      this.#queue.shift();
      this.#forget(next);
      this.#hand(next);
    }
    this.#arm();
    const sender = this.#sender;
    sender?.enter(() => this.#sender && sender.session.drained());
  }

  #hand({ kind, number, id, payload, checksum }: Frame): void {
    if (!this.#receiver) return;
    const { from, to, trace } = this.#direction;
    trace.record(to, RECEIVED[kind] ?? "receive", from, payload.length, checksum);
    this.#receiver.session.receive(kind, number, id, payload);
  }

  #forget({ payload }: Frame): void {
    this.#queuedBytes -= payload.length + FRAME_OVERHEAD_BYTES;
  }

  #lose(how: string, count: number = 1): void {
    const { from, to, trace } = this.#direction;
    trace.record(from, "lost", to, count);
    trace.count(how, count);
  }
}

/** What the trace calls the frames that a reader wants to tell apart. */
const SENT: Partial<Record<FrameKind, string>> = {
  [FRAME.MESSAGE]: "send",
  [FRAME.REQUEST]: "send request",
  [FRAME.RESPONSE]: "send response",
  [FRAME.FAILURE]: "send failure",
  [FRAME.DATA]: "send data",
};
const RECEIVED: Partial<Record<FrameKind, string>> = {
  [FRAME.MESSAGE]: "receive",
  [FRAME.REQUEST]: "receive request",
  [FRAME.RESPONSE]: "receive response",
  [FRAME.FAILURE]: "receive failure",
  [FRAME.DATA]: "receive data",
};

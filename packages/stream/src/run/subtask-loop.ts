import { setImmediate } from "node:timers";
import { type Clock, pause } from "@quorate/runtime";
import type { Graph } from "../graph.ts";
import type { SubtaskMetrics } from "./metrics.ts";
import { Subtask, type SubtaskOptions } from "./subtask.ts";
import type { SubtaskEvents, SubtaskHandle } from "./subtask-handle.ts";

/** Pieces of work, and time, after which others on this thread have their turn. */
const YIELD_PIECES = 32;
const YIELD_MS = 2;
/**
 * How long changed rows are encoded between two pieces of work, and the piece at which it is over. Less
 * takes longer in all: rows that are used meanwhile are copied first.
 */
const ENCODE_MS = 4;
/** How long records may be gathered for other subtasks. */
const LINGER_MS = 5;
/** How long the piece of work that is under way may take to end when the subtask is closed. */
const CLOSE_MS = 5_000;

export interface LoopOptions extends Omit<SubtaskOptions, "nowMs" | "onReady"> {
  readonly clock: Clock;
  readonly tickMs: number;
  /** Lets others on this thread have their turn. @default a turn of the event loop */
  readonly giveWay?: () => Promise<void>;
}

/** Runs a subtask in this thread: a piece of work after the other, and waits when there is none. */
export class SubtaskLoop implements SubtaskHandle {
  readonly subtask: Subtask;
  readonly #clock: Clock;
  readonly #tickMs: number;
  readonly #giveWay: () => Promise<void>;
  readonly #events: SubtaskEvents;
  readonly #commits: Commit[] = [];
  #isClosed = false;
  #isEnded = false;
  #wake: (() => void) | undefined;
  #isAwake = false;
  #running: Promise<void> = Promise.resolve();
  readonly #startedAtMs: number;
  #heldMs = 0;
  #idleMs = 0;
  #yieldedAtMs = 0;
  #flushedAtMs = 0;
  #pieces = 0;

  /** @throws {StreamError} `invalid-graph`, `incompatible-state` */
  constructor(graph: Graph, options: LoopOptions, events: SubtaskEvents) {
    const { clock, tickMs, giveWay = nextTurn } = options;
    this.#clock = clock;
    this.#tickMs = tickMs;
    this.#giveWay = giveWay;
    this.#events = events;
    this.#startedAtMs = clock.now();
    const nowMs = clock.wallTime();
    this.subtask = new Subtask(graph, { ...options, nowMs, onReady: () => this.wake() });
  }

  async start(): Promise<void> {
    await this.open();
    this.run();
  }

  /** Opens sinks and sources. */
  async open(): Promise<void> {
    await this.subtask.open();
  }

  /** Begins, once it is open. */
  run(): void {
    this.#running = this.#run();
  }

  barrier(id: number, isFinal: boolean): void {
    this.subtask.barrier(id, isFinal);
    this.wake();
  }

  commit(id: number): Promise<void> {
    return new Promise((resolve) => {
      this.#commits.push({ id, resolve });
      this.wake();
    });
  }

  async metrics(): Promise<SubtaskMetrics> {
    return {
      operators: this.subtask.job.counts(),
      heldMs: this.#heldMs,
      idleMs: this.#idleMs,
      totalMs: this.#clock.now() - this.#startedAtMs,
    };
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.wake();
    // A sink that never answers must not keep the next attempt from beginning.
    await pause(this.#clock, CLOSE_MS, [], this.#running);
    await this.subtask.close();
  }

  /** Something came from outside: another subtask's batch, or room for one. */
  wake(): void {
    this.#isAwake = true;
    this.#wake?.();
  }

  async #run(): Promise<void> {
    try {
      while (!this.#isClosed) await this.#round();
    } catch (error) {
      if (this.#isClosed) return;
      this.#isClosed = true;
      this.#events.onFailed(error);
    }
  }

  async #round(): Promise<void> {
    this.#isAwake = false;
    const commit = this.#commits.shift();
    if (commit) {
      await this.subtask.commit(commit.id);
      commit.resolve();
    }
    this.subtask.job.tick(this.#clock.wallTime());
    const isWorking = await this.#work();
    const isBusy = this.#encode() || isWorking;
    const part = this.subtask.takePart();
    if (part) this.#events.onPart(part);
    if (!this.#isEnded && this.subtask.isEnded) {
      this.#isEnded = true;
      this.#events.onEnded();
    }
    const nowMs = this.#clock.now();
    if (!isBusy || nowMs - this.#flushedAtMs >= LINGER_MS) {
      for (const output of this.subtask.job.outputs) output.flush();
      this.#flushedAtMs = nowMs;
    }
    if (!isBusy) await this.#wait(nowMs);
    else await this.#yield(nowMs);
  }

  /** What is waited for in it is sinks. */
  async #work(): Promise<boolean> {
    const { subtask } = this;
    if (!subtask.isWriteDue) return subtask.workOn();
    const beforeMs = this.#clock.now();
    await subtask.drain();
    this.#heldMs += this.#clock.now() - beforeMs;
    subtask.workOn();
    return true;
  }

  /** Encodes for a while; whether it did. */
  #encode(): boolean {
    const startedAtMs = this.#clock.now();
    if (!this.subtask.encode()) return false;
    while (this.#clock.now() - startedAtMs < ENCODE_MS && this.subtask.encode());
    return true;
  }

  /** Until something comes, or it is time to look at the clock. */
  async #wait(sinceMs: number): Promise<void> {
    if (this.#isAwake || this.#isClosed) return;
    const isHeld = this.subtask.isHeld;
    await new Promise<void>((resolve) => {
      const timer = this.#clock.setTimer(this.#tickMs, resolve);
      this.#wake = () => {
        timer.cancel();
        resolve();
      };
    });
    this.#wake = undefined;
    const waitedMs = this.#clock.now() - sinceMs;
    if (isHeld) this.#heldMs += waitedMs;
    else this.#idleMs += waitedMs;
  }

  async #yield(nowMs: number): Promise<void> {
    if (++this.#pieces < YIELD_PIECES && nowMs - this.#yieldedAtMs < YIELD_MS) return;
    this.#pieces = 0;
    await this.#giveWay();
    this.#yieldedAtMs = this.#clock.now();
  }
}

interface Commit {
  readonly id: number;
  readonly resolve: () => void;
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

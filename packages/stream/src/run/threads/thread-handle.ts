import type { MessagePort } from "node:worker_threads";
import { Worker as Thread } from "node:worker_threads";
import { type Clock, pause } from "@quorate/runtime";
import { StreamError } from "../../stream-error.ts";
import type { SubtaskMetrics } from "../metrics.ts";
import type { SubtaskEvents, SubtaskHandle } from "../subtask-handle.ts";
import {
  receivedError,
  type ThreadCommand,
  type ThreadData,
  type ThreadEvent,
} from "./thread-messages.ts";
import { threadProgram } from "./thread-program.ts";

/** How long a thread may take to close its sources and sinks before it is ended as it is. */
const CLOSE_MS = 5_000;

/** A subtask in a thread of its own. */
export class ThreadHandle implements SubtaskHandle {
  readonly #thread: Thread;
  readonly #clock: Clock;
  readonly #events: SubtaskEvents;
  readonly #starting: Waiter<void> = new Waiter();
  readonly #closing: Waiter<void> = new Waiter();
  readonly #committing = new Map<number, Waiter<void>>();
  #measuring: Waiter<SubtaskMetrics> | undefined;
  #isClosed = false;
  #isOver = false;

  constructor(
    data: ThreadData,
    peers: readonly (MessagePort | null)[],
    clock: Clock,
    events: SubtaskEvents,
  ) {
    const { program, options } = threadProgram();
    this.#clock = clock;
    this.#events = events;
    this.#thread = new Thread(program, {
      ...options,
      workerData: { ...data, peers },
      transferList: peers.filter((peer) => peer !== null),
    });
    let reason = "it ended by itself";
    this.#thread.on("message", (event: ThreadEvent) => this.#hear(event));
    this.#thread.on("error", (error) => (reason = error.message));
    this.#thread.on("exit", (code) => {
      this.#isOver = true;
      const message = `the thread of subtask ${data.subtask} died: ${reason} (exit code ${code})`;
      this.#fail(new StreamError("worker-failed", message));
      this.#closing.resolve();
    });
  }

  start(): Promise<void> {
    this.#say({ kind: "start" });
    return this.#starting.promise;
  }

  barrier(id: number, isFinal: boolean): void {
    this.#say({ kind: "barrier", id, isFinal });
  }

  commit(id: number): Promise<void> {
    const waiter = new Waiter<void>();
    this.#committing.set(id, waiter);
    this.#say({ kind: "commit", id });
    return waiter.promise;
  }

  metrics(): Promise<SubtaskMetrics> {
    if (!this.#measuring) {
      this.#measuring = new Waiter();
      this.#say({ kind: "metrics" });
    }
    return this.#measuring.promise;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    if (this.#isOver) return;
    this.#say({ kind: "close" });
    await pause(this.#clock, CLOSE_MS, [], this.#closing.promise);
    await this.#thread.terminate();
  }

  #say(command: ThreadCommand): void {
    this.#thread.postMessage(command, []);
  }

  #hear(event: ThreadEvent): void {
    switch (event.kind) {
      case "started":
        return this.#starting.resolve();
      case "closed":
        return this.#closing.resolve();
      case "ended":
        return this.#isClosed ? undefined : this.#events.onEnded();
      case "part":
        return this.#isClosed ? undefined : this.#events.onPart(event.part);
      case "committed":
        this.#committing.get(event.id)?.resolve();
        return void this.#committing.delete(event.id);
      case "metrics":
        this.#measuring?.resolve(event.metrics);
        return void (this.#measuring = undefined);
      case "failed":
        return this.#fail(receivedError(event.error));
    }
  }

  #fail(error: StreamError): void {
    this.#starting.reject(error);
    this.#measuring?.reject(error);
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#events.onFailed(error);
  }
}

/** A promise that is settled from outside; a rejection that nobody awaits is of no interest. */
class Waiter<T> {
  readonly promise: Promise<T>;
  resolve: (value: T) => void = () => {};
  reject: (error: unknown) => void = () => {};

  constructor() {
    this.promise = new Promise<T>((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
    this.promise.catch(() => {});
  }
}

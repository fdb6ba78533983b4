import { type NodeId, TransportError } from "@quorate/transport";
import type { Answer } from "../protocol/protocol.ts";
import type { Attempts, Deadline, GaveUp, Task } from "./attempts.ts";
import type { Asker } from "./request-sender.ts";

/** Told how a call ended. */
export interface Caller<R> {
  ended(result: R | GaveUp): void;
  /** What the task threw. */
  failed(error: unknown): void;
}

/** A task that is being tried, until something comes of it or its time is over. */
export class Call<R extends object> implements Asker {
  readonly #attempts: Attempts;
  readonly #task: Task<R>;
  readonly #deadline: Deadline;
  readonly #caller: Caller<R>;
  #asked: NodeId = "";
  #redirects = 0;
  #waits = 0;

  constructor(attempts: Attempts, task: Task<R>, deadline: Deadline, caller: Caller<R>) {
    this.#attempts = attempts;
    this.#task = task;
    this.#deadline = deadline;
    this.#caller = caller;
  }

  /** Makes the next attempt; `last` is how the one before ended. */
  next(last?: Answer | Error): void {
    const end = this.#attempts.end(this.#deadline, last);
    if (end) return this.#caller.ended(end);
    const { signal } = this.#deadline;
    this.#asked = this.#attempts.target;
    const asker = signal ? this.#until(signal) : this;
    this.#attempts.ask(this.#asked, this.#task, this.#deadline, asker);
  }

  answered(last: Answer | Error): void {
    try {
      const result = last instanceof Error ? this.#task.lost(last) : this.#task.take(last);
      if (result === undefined) this.#again(last);
      else this.#caller.ended(result);
    } catch (error) {
      this.#caller.failed(error);
    }
  }

  #again(last: Answer | Error): void {
    // Whoever else was in the message has an answer now, so this comes to an end.
    if (!(last instanceof Error) && last.kind === "deferred") return this.next(last);
    // Two nodes may each hold the other for the leader: they are not asked in a circle for long.
    const isAtOnce = this.#attempts.moveOn(this.#asked, last);
    if (isAtOnce && this.#redirects++ < this.#attempts.maxRedirects) return this.next(last);
    this.#redirects = 0;
    const delayMs = this.#attempts.retryDelayMs(this.#waits++);
    void this.#attempts.wait(delayMs, this.#deadline).then(() => this.next(last));
  }

  /** Who waits for the answer no longer than until `signal` aborts. */
  #until(signal: AbortSignal): Asker {
    let isOver = false;
    const answered = (last: Answer | Error): void => {
      if (isOver) return;
      isOver = true;
      signal.removeEventListener("abort", abort);
      this.answered(last);
    };
    const abort = (): void => answered(new TransportError("connection-lost", "the caller gave up"));
    signal.addEventListener("abort", abort);
    return { answered };
  }
}

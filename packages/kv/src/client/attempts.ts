import { type Clock, pause, type Random } from "@quorate/runtime";
import { type NodeId, type Transport, TransportError } from "@quorate/transport";
import type { Answer, Request } from "../protocol/protocol.ts";
import { protocolOf } from "../protocol/store-protocol.ts";
import { Call, type Caller } from "./call.ts";
import type { ValidatedClientOptions } from "./client-options.ts";
import type { LeaderTracker } from "./leader-tracker.ts";
import { type Asker, RequestSender } from "./request-sender.ts";

/** What is to be got done, in as many attempts as it takes. */
export interface Task<R> {
  /** Milliseconds that an attempt may take, where the client's own bound is too long. */
  readonly maxAttemptMs?: number;
  /** The request of the next attempt; the node should end it within `timeoutMs`. */
  request(timeoutMs: number): Request;
  /** What came of it, or undefined to try again. */
  take(answer: Answer): R | undefined;
  /** An attempt ended without an answer. */
  lost(error: Error): R | undefined;
}

/** Until when a task may be tried. */
export interface Deadline {
  readonly atMs: number;
  readonly signal: AbortSignal | undefined;
}

/** Why a task was tried no more, before anything came of it. */
export class GaveUp {
  readonly reason: "timeout" | "aborted" | "stopped";
  /** How the last attempt failed, if there was one. */
  readonly cause: Answer | Error | undefined;

  constructor(reason: GaveUp["reason"], cause: Answer | Error | undefined) {
    this.reason = reason;
    this.cause = cause;
  }
}

/** Makes attempts, at one node after the other, with a wait that grows between them. */
export class Attempts {
  readonly #options: ValidatedClientOptions;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #leader: LeaderTracker;
  readonly #sender: RequestSender;
  readonly #stopping: AbortSignal;

  constructor(
    options: ValidatedClientOptions,
    dependencies: { transport: Transport; clock: Clock; random: Random },
    leader: LeaderTracker,
    stopping: AbortSignal,
  ) {
    this.#options = options;
    this.#clock = dependencies.clock;
    this.#random = dependencies.random;
    this.#leader = leader;
    this.#sender = new RequestSender(dependencies.transport, protocolOf(options.store));
    this.#stopping = stopping;
  }

  /** The node to ask next. */
  get target(): NodeId {
    return this.#leader.target;
  }

  /** Attempts in a row that may follow a redirection at once. */
  get maxRedirects(): number {
    return this.#options.nodes.length;
  }

  /** Why nothing more is to be tried, or undefined. */
  end(deadline: Deadline, cause?: Answer | Error): GaveUp | undefined {
    if (this.#stopping.aborted || isStopped(cause)) return new GaveUp("stopped", cause);
    if (deadline.signal?.aborted) return new GaveUp("aborted", cause);
    return this.#clock.now() >= deadline.atMs ? new GaveUp("timeout", cause) : undefined;
  }

  /** Tries until the deadline. */
  begin<R extends object>(task: Task<R>, deadline: Deadline, caller: Caller<R>): void {
    new Call(this, task, deadline, caller).next();
  }

  /** As `begin`. Rejects with what the task throws. */
  run<R extends object>(task: Task<R>, deadline: Deadline): Promise<R | GaveUp> {
    return new Promise((ended, failed) => this.begin(task, deadline, { ended, failed }));
  }

  /** Waits `ms`, or for `until`, but not beyond the deadline. */
  wait(ms: number, { atMs, signal }: Deadline, until?: Promise<unknown>): Promise<void> {
    const leftMs = Math.max(0, atMs - this.#clock.now());
    return pause(this.#clock, Math.min(ms, leftMs), [signal, this.#stopping], until);
  }

  ask(node: NodeId, task: Task<unknown>, { atMs }: Deadline, asker: Asker): void {
    // Whole milliseconds on the wire, and never none.
    const mostMs = Math.min(this.#options.attemptTimeoutMs, task.maxAttemptMs ?? Infinity);
    const leftMs = Math.min(mostMs, atMs - this.#clock.now());
    this.#sender.ask(node, task.request(Math.ceil(leftMs)), asker);
  }

  /** Learns from how an attempt ended. Returns whether the next one may follow at once. */
  moveOn(asked: NodeId, last: Answer | Error): boolean {
    if (last instanceof Error || last.kind === "unknown") return this.#leader.rotate(asked);
    if (last.kind === "unreadable") return this.#leader.redirect(asked, last.leader);
    if (last.kind !== "rejected") return false;
    switch (last.reason) {
      case "not-leader":
      case "stopped":
        return this.#leader.redirect(asked, last.leader);
      case "overloaded":
      case "superseded":
      case "too-large":
      case "session-expired":
        return false;
    }
  }

  /** Full jitter: clients that failed together do not come back together. */
  retryDelayMs(waits: number): number {
    const { firstRetryDelayMs, maxRetryDelayMs } = this.#options;
    return this.#random.next() * Math.min(maxRetryDelayMs, firstRetryDelayMs * 2 ** waits);
  }
}

/** This program's own transport was stopped: no attempt can succeed any more. */
function isStopped(cause: Answer | Error | undefined): boolean {
  return cause instanceof TransportError && cause.code === "stopped";
}

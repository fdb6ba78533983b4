import type { Clock, Timer } from "@quorate/runtime";
import { MAX_KEEP_ALIVES } from "../../protocol/protocol.ts";
import { type Attempts, GaveUp } from "../attempts.ts";
import type { ClientLease } from "./client-lease.ts";
import { KeepAliveTask, settle } from "./keep-alive-task.ts";

/** A lease is renewed after a third of its time: so two renewals may fail. */
const RENEWALS = 3;
/** One that will be due within a sixth goes with those that are: so all of a client keep together. */
const TOGETHER = 6;
/** Milliseconds after a renewal that failed. */
const RETRY_MS = 100;

/** Renews the leases of a client by itself, all in one request. */
export class KeepAliver {
  readonly #attempts: Attempts;
  readonly #clock: Clock;
  readonly #timeoutMs: number;
  readonly #leases = new Set<ClientLease>();
  #timer: Timer | undefined;
  #timerAtMs = Infinity;
  #renewing: Promise<void> | undefined;
  #isStopped = false;

  constructor(attempts: Attempts, clock: Clock, timeoutMs: number) {
    this.#attempts = attempts;
    this.#clock = clock;
    this.#timeoutMs = timeoutMs;
  }

  add(lease: ClientLease): void {
    if (this.#isStopped) return;
    this.#leases.add(lease);
    this.#wakeAt(dueAtMs(lease));
  }

  delete(lease: ClientLease): void {
    this.#leases.delete(lease);
    if (this.#leases.size === 0) this.#sleep();
  }

  /** Resolves once nothing is under way. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#leases.clear();
    this.#sleep();
    await this.#renewing;
  }

  #sleep(): void {
    this.#timer?.cancel();
    this.#timerAtMs = Infinity;
  }

  #wakeAt(atMs: number): void {
    if (this.#renewing || atMs >= this.#timerAtMs) return;
    this.#timer?.cancel();
    this.#timerAtMs = atMs;
    const waitMs = Math.max(0, atMs - this.#clock.now());
    this.#timer = this.#clock.setTimer(waitMs, () => {
      this.#timerAtMs = Infinity;
      this.#renewing = this.#renew();
    });
  }

  async #renew(): Promise<void> {
    const shortestMs = Math.min(...[...this.#due()].map(({ ttlSeconds }) => ttlSeconds * 1_000));
    let retryAtMs = 0;
    if (shortestMs < Infinity) {
      // So that a node that does not answer costs no more than one of the renewals.
      const options = { maxAttemptMs: shortestMs / TOGETHER, isPatient: false };
      const task = new KeepAliveTask(() => this.#due(), this.#clock, options);
      const atMs = this.#clock.now() + this.#timeoutMs;
      const result = await this.#attempts.run(task, { atMs, signal: undefined });
      if (result instanceof GaveUp) retryAtMs = this.#clock.now() + RETRY_MS;
      else settle(result);
    }
    this.#renewing = undefined;
    if (this.#isStopped) return;
    let nextMs = Infinity;
    for (const lease of this.#leases) nextMs = Math.min(nextMs, dueAtMs(lease));
    if (nextMs < Infinity) this.#wakeAt(Math.max(nextMs, retryAtMs));
  }

  #due(): ClientLease[] {
    const nowMs = this.#clock.now();
    const due: ClientLease[] = [];
    for (const lease of this.#leases) {
      if (due.length >= MAX_KEEP_ALIVES) break;
      const slackMs = (lease.ttlSeconds * 1_000) / TOGETHER;
      if (dueAtMs(lease) - slackMs <= nowMs) due.push(lease);
    }
    return due;
  }
}

function dueAtMs({ renewedAtMs, ttlSeconds }: ClientLease): number {
  return renewedAtMs + (ttlSeconds * 1_000) / RENEWALS;
}

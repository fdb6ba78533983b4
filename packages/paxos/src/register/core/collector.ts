import { integerBetween, type Random } from "@quorate/runtime";
import type { Operation } from "./operation.ts";

export interface CollectorOptions {
  /** Milliseconds after which the node that deleted a key has it forgotten. */
  readonly collectAfterMs: number;
  /** Milliseconds that one collection may take. */
  readonly timeoutMs: number;
}

/** Keys that wait to be collected; more are found again when the node restarts. */
const MAX_WAITING = 100_000;
/** Collections under way at once. */
const MAX_UNDER_WAY = 64;
/** Of `collectAfterMs`: when the others see to a key that its deleter has left, or try again. */
const PATIENCE = { min: 10, max: 20 } as const;

/**
 * Sees to it that deleted keys are forgotten everywhere (CASPaxos, §3.1): by the node that deleted it,
 * soon, or else by any acceptor, later. It takes all acceptors, so a key waits for one that is down.
 */
export class Collector {
  readonly #options: CollectorOptions;
  readonly #random: Random;
  readonly #submit: (operation: Operation) => boolean;
  /** When each is due, by the core's time. */
  readonly #dueMs = new Map<string, number>();
  #underWay = new Set<string>();
  #nextLookMs = 0;
  #collected = 0;

  constructor(
    options: CollectorOptions,
    random: Random,
    submit: (operation: Operation) => boolean,
  ) {
    this.#options = options;
    this.#random = random;
    this.#submit = submit;
  }

  /** Keys that wait to be forgotten. */
  get waiting(): number {
    return this.#dueMs.size + this.#underWay.size;
  }

  /** Collections that came to their end. */
  get collected(): number {
    return this.#collected;
  }

  /** A key holds nothing, as far as this acceptor knows. */
  add(key: string, isOwn: boolean, nowMs: number): void {
    if (this.#underWay.has(key)) return;
    if (this.#dueMs.size >= MAX_WAITING && !this.#dueMs.has(key)) return;
    const { collectAfterMs } = this.#options;
    const patience = isOwn ? 1 : integerBetween(this.#random, PATIENCE.min, PATIENCE.max);
    const dueMs = nowMs + patience * collectAfterMs;
    this.#dueMs.set(key, Math.min(dueMs, this.#dueMs.get(key) ?? dueMs));
  }

  /** A key holds something again, or nobody here knows of it any more. */
  remove(key: string): void {
    if (this.#dueMs.size > 0) this.#dueMs.delete(key);
  }

  tick(nowMs: number): void {
    if (nowMs < this.#nextLookMs) return;
    this.#nextLookMs = nowMs + this.#options.collectAfterMs / 4;
    for (const [key, dueMs] of this.#dueMs) {
      if (this.#underWay.size >= MAX_UNDER_WAY) return;
      if (dueMs > nowMs) continue;
      if (!this.#submit(this.#collection(key, nowMs))) return;
      this.#dueMs.delete(key);
      this.#underWay.add(key);
    }
  }

  /** How a collection ended that this had submitted. */
  ended({ key }: Operation, isDone: boolean, nowMs: number): void {
    this.#underWay.delete(key);
    if (isDone) this.#collected++;
    else this.add(key, false, nowMs);
  }

  #collection(key: string, nowMs: number): Operation<boolean> {
    return {
      key,
      kind: "collect",
      decide: () => ({ kind: "keep", result: true }),
      deadlineMs: nowMs + this.#options.timeoutMs,
    };
  }
}

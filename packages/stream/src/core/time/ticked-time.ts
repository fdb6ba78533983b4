import type { ProcessingTime } from "../operator-context.ts";

/** Processing time that goes on when it is told to, and never back. */
export class TickedTime implements ProcessingTime {
  nowMs: number;
  readonly #listeners: ((nowMs: number) => void)[] = [];

  constructor(nowMs: number) {
    this.nowMs = nowMs;
  }

  onTick(listener: (nowMs: number) => void): void {
    this.#listeners.push(listener);
  }

  /** Operators were made readers first; what a timer emits should find later ones not fired yet. */
  startInGraphOrder(): void {
    this.#listeners.splice(0, Infinity, ...this.#listeners.toReversed());
  }

  tick(nowMs: number): void {
    if (nowMs < this.nowMs) return;
    this.nowMs = nowMs;
    for (const listener of this.#listeners) listener(nowMs);
  }
}

import type { Clock } from "@quorate/runtime";
import type { NodeId } from "@quorate/transport";
import { nodeOf } from "./protocol.ts";

interface Entry {
  heardAtMs: number;
  readonly hasJoined: boolean;
}

/** The workers that a master does not take for dead, and when it heard of each. */
export class WorkerRoster {
  readonly #clock: Clock;
  readonly #entries = new Map<string, Entry>();
  /** Meaningless while there is one. */
  #lastLeftAtMs: number;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#lastLeftAtMs = clock.now();
  }

  /** One that joined an earlier master: it has as long as any other to be heard of. */
  expect(worker: string): void {
    this.#entries.set(worker, { heardAtMs: this.#clock.now(), hasJoined: false });
  }

  join(worker: string): void {
    this.#entries.set(worker, { heardAtMs: this.#clock.now(), hasJoined: true });
  }

  heard(worker: string): void {
    this.#entries.get(worker)!.heardAtMs = this.#clock.now();
  }

  remove(worker: string): void {
    this.#entries.delete(worker);
    this.#lastLeftAtMs = this.#clock.now();
  }

  has(worker: string): boolean {
    return this.#entries.has(worker);
  }

  /** This master, and not an earlier one. */
  hasJoined(worker: string): boolean {
    return this.#entries.get(worker)?.hasJoined ?? false;
  }

  livesOf(node: NodeId): readonly string[] {
    return [...this.#entries.keys()].filter((worker) => nodeOf(worker) === node);
  }

  silentFor(ms: number): readonly string[] {
    const nowMs = this.#clock.now();
    return [...this.#entries].flatMap(([worker, { heardAtMs }]) =>
      nowMs - heardAtMs >= ms ? [worker] : [],
    );
  }

  /** Milliseconds since the last worker has gone, or since the beginning. 0 while there is one. */
  emptyForMs(): number {
    return this.#entries.size > 0 ? 0 : this.#clock.now() - this.#lastLeftAtMs;
  }
}

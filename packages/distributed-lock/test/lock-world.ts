import { seededRandom } from "@quorate/runtime";
import { VirtualClock } from "@quorate/runtime/testing";
import {
  type CoordinationStore,
  createLocks,
  type Locks,
  type LocksOptions,
} from "../src/index.ts";
import { createMemoryStore } from "../src/memory/index.ts";
import { FlakyStore } from "./flaky-store.ts";

export const TTL_MS = 3_000;

/** A process that locks, and its way to the store. */
export interface Process {
  readonly locks: Locks;
  readonly flaky: FlakyStore;
}

/** Processes that lock in one store, and the time in which they do. */
export class LockWorld {
  readonly clock: VirtualClock = new VirtualClock();
  readonly store: CoordinationStore = createMemoryStore({ clock: this.clock });

  process(options: LocksOptions = {}): Process {
    const flaky = new FlakyStore();
    const locks = createLocks(
      flaky.to(this.store),
      { ttlMs: TTL_MS, requestTimeoutMs: 1_000, ...options },
      { clock: this.clock, random: seededRandom(1) },
    );
    return { locks, flaky };
  }

  /** Lets time pass until the promise has settled. */
  async until<T>(promise: Promise<T>, stepMs = 10): Promise<T> {
    const state = { isOver: false };
    const settle = (): void => void (state.isOver = true);
    promise.then(settle, settle);
    for (let step = 0; !state.isOver && step < 10_000; step++) await this.clock.advance(stepMs);
    return promise;
  }
}

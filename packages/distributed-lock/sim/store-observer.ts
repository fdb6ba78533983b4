import type { Contender } from "../src/index.ts";

/** The queues of a store, as they are at this moment of the world, whoever knows of it. */
export interface Queues {
  names(): readonly string[];
  /** In order. */
  contenders(queue: string): readonly Contender[];
}

/** What is seen of a store at work. What an oracle finds wrong is no fault of who shows it. */
export interface StoreObserver {
  /**
   * A call took effect, or, of those that take a contender out, may from now on; with its result. What
   * renews a session counts from `atMs`, of the world's clock, at least.
   */
  called(
    client: string,
    call: { readonly method: string; readonly values: readonly unknown[] },
    result: unknown,
    atMs: number,
  ): void;
  changed(): void;
  /** `by`: clients, once for each that was told, of those that waited for it. */
  told(queue: string, ref: string, by: readonly string[]): void;
}

import type { DurableState } from "./durable-state.ts";

/**
 * What a replicated log keeps alike on all nodes. Deterministic: the same commands in the same order
 * give the same state and the same results on every node, so it must not look at a clock, a random
 * number, the environment, or the order of an object's hash.
 *
 * Commands and results are bytes: what they mean is the state machine's own affair.
 */
export interface StateMachine {
  /**
   * For a machine whose state outlives the process. Undefined, or absent: it begins empty at each start,
   * and is restored from a snapshot and the log. It may be another object after `restore`.
   */
  readonly durable?: DurableState | undefined;
  /**
   * Applies committed commands in order and returns the result of each. Called with rising indices,
   * each index once in the life of this state. Must not throw: a command that cannot be carried out
   * has a result that says so. A throw stops the node, since its state can no longer be trusted.
   */
  apply(entries: readonly Committed[]): Uint8Array[];
  /**
   * The state as of the last `apply`, in chunks of any size. The view is fixed when this is called;
   * commands applied while it is read must not show in it.
   */
  snapshot(): AsyncIterable<Uint8Array>;
  /**
   * Takes over a state that another node's `snapshot` gave. The old state stays until all chunks have
   * come; when `chunks` throws, so does this, and the old state is kept.
   */
  restore(chunks: AsyncIterable<Uint8Array>): Promise<void>;
}

/** A command that is in the log for good, at its place. */
export interface Committed {
  /** Its position in the log, from 1. Not every index carries a command. */
  readonly index: number;
  readonly command: Uint8Array;
}

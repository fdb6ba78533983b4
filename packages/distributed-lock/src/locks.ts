import type { AcquireOptions } from "./acquire/acquire-options.ts";
import type { Barrier } from "./recipes/barrier.ts";
import type { Election } from "./recipes/election.ts";
import type { Lock } from "./recipes/lock.ts";
import type { LockSession } from "./session/lock-session.ts";
import type { Guarantees } from "./store/guarantees.ts";

/**
 * The locks of one store, by name. A name belongs to one kind of lock: those of the same name stand in
 * the same queue (so a mutex is the same as the `write` of a read-write lock).
 */
export interface Locks extends AsyncDisposable {
  /** What the store promises. */
  readonly guarantees: Guarantees;

  /** Held by one at a time. */
  mutex(name: string): Lock;
  /** Held by one writer or by many readers; in the order in which they came, so that nobody starves. */
  readWriteLock(name: string): ReadWriteLock;
  /** Held by as many as there are permits, 1 to 1,000, which everybody must give alike. */
  semaphore(name: string, permits: number): Lock;
  election(name: string): Election;
  barrier(name: string): Barrier;

  /**
   * A session of one's own, for `AcquireOptions.session`: to hear of `jeopardy`, or to release many
   * locks by closing it. It is renewed until it is closed.
   *
   * @throws {LockError} `unreachable`, `stopped`, `invalid-option`.
   */
  openSession(options?: Pick<AcquireOptions, "ttlMs" | "lockDelayMs">): Promise<LockSession>;

  /**
   * Whoever waits gets `stopped`; what is held is released (`revoked`); all sessions are closed. Never
   * rejects; waits a limited time for the store, which is its maker's to close.
   */
  stop(): Promise<void>;
}

export interface ReadWriteLock {
  readonly name: string;
  readonly read: Lock;
  readonly write: Lock;
}

import type { AcquireOptions, WaitOptions } from "../acquire/acquire-options.ts";
import type { HeldLock } from "../acquire/held-lock.ts";
import type { Role } from "../store/coordination-store.ts";

/** Something that is held by one, or by few, at a time, whatever process they are in. */
export interface Lock {
  readonly name: string;

  /**
   * Waits in line, first come, first served, and resolves once it is held.
   *
   * @throws {AcquireTimeout} `waitMs` has passed. Never held.
   * @throws {Aborted} The signal has aborted. Never held.
   * @throws {LockError} `session-expired`, `overloaded`, `stopped`, `invalid-option`. Never held.
   */
  acquire(options?: WaitOptions): Promise<HeldLock>;

  /**
   * Takes it if it is free, and resolves to null when it is not.
   *
   * @throws {Aborted} The signal has aborted. Not held.
   * @throws {LockError} `unreachable`: the store did not answer in time; and as `acquire`. Not held.
   */
  tryAcquire(options?: AcquireOptions): Promise<HeldLock | null>;

  /**
   * Runs `body` while it is held, and releases it. What `body` throws is thrown on, however the release
   * goes. It must stop by itself when `held.signal` aborts.
   *
   * @throws {LockLost} `body` succeeded, and the lock was lost meanwhile: it may not have been alone.
   * @throws as `acquire`.
   */
  run<R>(body: (held: HeldLock) => Promise<R> | R, options?: WaitOptions): Promise<R>;

  /**
   * Who holds it and who waits, in order, at most the first 1,000: a linearizable read.
   *
   * @throws {LockError} `unreachable`.
   */
  list(options?: ListOptions): Promise<readonly LockContender[]>;

  /**
   * Takes it from whoever holds it, or from the holder with this token only. They learn of it as
   * `LockLost` (`revoked`), if they can be reached; until then, only their tokens tell them from the next
   * holder. Resolves to those who lost it.
   *
   * @throws {LockError} `unreachable`: any of them may have lost it.
   */
  forceRelease(options?: ForceOptions): Promise<readonly LockContender[]>;
}

export interface ListOptions {
  readonly signal?: AbortSignal;
}

export interface ForceOptions extends ListOptions {
  /** Of the only holder that is to lose it. @default all holders */
  readonly token?: bigint;
}

/** One who holds a lock, or waits for it. */
export interface LockContender {
  readonly token: bigint;
  readonly ref: string;
  readonly sessionId: string;
  readonly role: Role;
  readonly metadata: string;
  /** Whether it holds it, or will once it looks; else it waits. */
  readonly holds: boolean;
}

import type { Role } from "../store/coordination-store.ts";

/**
 * A lock that is held, or was. Give `token` to the resource with each request, and stop when `signal`
 * aborts.
 *
 * `await using held = …` releases it when the block ends, however it ends; that never throws, and does
 * not wait for a lock that is lost.
 */
export interface HeldLock extends AsyncDisposable {
  readonly name: string;
  /** The fencing token: larger than that of whoever held this lock before. At least 1. */
  readonly token: bigint;
  /** `shared`: a reader's. */
  readonly role: Role;
  /** Names this holder among all that ever contended for the lock; for `FencedResource`. */
  readonly ref: string;
  /** `ref`s of those who came earlier and may hold it too: readers with readers, permits. */
  readonly alongside: readonly string[];
  /**
   * Aborts when the lock is lost, with a `LockLost` as its reason: also when nothing but time passes.
   * Does not abort when it is released.
   */
  readonly signal: AbortSignal;
  /**
   * On the monotonic clock (`performance.now()`, unless another was given), in milliseconds: until then
   * it is held, unless somebody revokes it. Moves on with each renewal that is acknowledged. A process
   * that was paused should compare it with the clock before it acts: its timers, and so `signal`, may be
   * late.
   */
  readonly validUntil: number;
  /**
   * Whether it is held at this moment, as far as this process can know without asking. Looks at the
   * clock: where timers are late, `signal` aborts now.
   */
  readonly isValid: boolean;

  /**
   * Asks the store, in a linearizable read, whether it is held still: if so, nobody else did until now.
   *
   * @throws {LockLost} It is not.
   * @throws {LockError} `unreachable`: the store did not answer in time.
   */
  check(): Promise<void>;

  /** Another handle to the same hold: the lock is released once all of them are. */
  reenter(): HeldLock;

  /**
   * Releases it; resolves once the store has confirmed that, at once when the lock was lost or this
   * handle released before.
   *
   * @throws {LockError} `unreachable`: not confirmed in time; it is tried again until the session ends.
   */
  release(): Promise<void>;
}

import { type Clock, type Random, systemClock, systemRandom } from "@quorate/runtime";
import type { AcquireOptions } from "./acquire/acquire-options.ts";
import { Acquirer } from "./acquire/acquirer.ts";
import { Ending } from "./ending.ts";
import { LockError } from "./lock-error.ts";
import type { Locks, ReadWriteLock } from "./locks.ts";
import { checkedCount, checkedName, type LocksOptions, validated } from "./options.ts";
import { type Barrier, QueueBarrier } from "./recipes/barrier.ts";
import { permits, readersAndWriters } from "./recipes/blockers.ts";
import { type Election, QueueElection } from "./recipes/election.ts";
import type { Lock } from "./recipes/lock.ts";
import { QueueLock } from "./recipes/queue-lock.ts";
import type { LockSession } from "./session/lock-session.ts";
import { SessionPool } from "./session/session-pool.ts";
import type { CoordinationStore, Role } from "./store/coordination-store.ts";
import type { Guarantees } from "./store/guarantees.ts";

/** What locks need from outside besides their store; each has a default. */
export interface LocksDependencies {
  /** @default systemClock */
  readonly clock?: Clock;
  /** For the waits between attempts. @default systemRandom */
  readonly random?: Random;
}

const MAX_PERMITS = 1_000;

/** Locks in `store`: for all who use the same store and names, whatever process they are in. */
export function createLocks(
  store: CoordinationStore,
  options: LocksOptions = {},
  { clock = systemClock, random = systemRandom }: LocksDependencies = {},
): Locks {
  return new StoreLocks(store, validated(options), clock, random.fork("locks"));
}

class StoreLocks implements Locks {
  readonly guarantees: Guarantees;
  readonly #sessions: SessionPool;
  readonly #acquirer: Acquirer;
  readonly #stopping = new Ending();

  constructor(
    store: CoordinationStore,
    options: Required<LocksOptions>,
    clock: Clock,
    random: Random,
  ) {
    this.guarantees = store.guarantees;
    const { requestTimeoutMs } = options;
    const world = { store, clock, random, requestTimeoutMs };
    this.#sessions = new SessionPool(world);
    this.#acquirer = new Acquirer(world, options, this.#sessions, this.#stopping);
  }

  mutex(name: string): Lock {
    return this.#lock(name, "exclusive");
  }

  readWriteLock(name: string): ReadWriteLock {
    return { name, read: this.#lock(name, "shared"), write: this.#lock(name, "exclusive") };
  }

  semaphore(name: string, count: number): Lock {
    const rule = permits(checkedCount("permits", count, MAX_PERMITS));
    return new QueueLock(this.#acquirer, checkedName(name), "exclusive", rule);
  }

  election(name: string): Election {
    return new QueueElection(this.#acquirer, this.#lock(name, "exclusive"));
  }

  barrier(name: string): Barrier {
    return new QueueBarrier(this.#acquirer, this.#lock(name, "shared"));
  }

  openSession(options: Pick<AcquireOptions, "ttlMs" | "lockDelayMs"> = {}): Promise<LockSession> {
    return this.#sessions.open(this.#acquirer.times(options));
  }

  async stop(): Promise<void> {
    this.#stopping.end(new LockError("stopped", "the locks were stopped"));
    await this.#sessions.stop();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  #lock(name: string, role: Role): Lock {
    return new QueueLock(this.#acquirer, checkedName(name), role, readersAndWriters);
  }
}

import { LockError } from "./lock-error.ts";
import type { Role } from "./store/coordination-store.ts";

/** What a holder shows to a resource: `HeldLock` has it. */
export interface Pass {
  readonly token: bigint;
  /** `shared` for a reader. @default "exclusive" */
  readonly role?: Role;
  /** Needed where several may hold at once: a semaphore. */
  readonly ref?: string;
  readonly alongside?: readonly string[];
}

/** What a resource remembers: keep it with its data, in the same transaction. */
export interface FenceState {
  /** The largest token that was accepted. */
  readonly largestSeen: bigint;
  /** The largest one that was no reader's. */
  readonly largestExclusive: bigint;
}

/**
 * The resource's side of a lock: refuses whoever shows an older token than one that it has seen. With
 * it a holder that was paused, or cut off, and does not know yet that it lost the lock, does no harm,
 * whatever the clocks do.
 *
 * - A mutex, a leader, a writer: accepted unless a newer token was.
 * - A reader: unless a newer writer was.
 * - One of a semaphore: unless newer holders, as many as there are permits, hold without it: it must be
 *   among those that held alongside the newest one when that began.
 *
 * Source: M. Kleppmann, "How to do distributed locking", 2016; Chubby's sequencers, OSDI 2006, §2.4.
 */
export class FencedResource {
  #state: FenceState;
  /** Who held with the newest one when that began. */
  #together: ReadonlySet<string> = new Set();

  /** `state`: as kept from an earlier life. */
  constructor(state: FenceState = { largestSeen: 0n, largestExclusive: 0n }) {
    this.#state = state;
  }

  get state(): FenceState {
    return this.#state;
  }

  /** Whether this holder may act; if so, nobody may any more who cannot hold beside it. */
  accepts({ token, role = "exclusive", ref, alongside = [] }: Pass): boolean {
    const { largestSeen, largestExclusive } = this.#state;
    if (role === "shared") {
      if (token < largestExclusive) return false;
      this.#state = { largestSeen: token > largestSeen ? token : largestSeen, largestExclusive };
      return true;
    }
    if (token < largestSeen) return ref !== undefined && this.#together.has(ref);
    if (token > largestSeen) this.#together = new Set(alongside);
    this.#state = { largestSeen: token, largestExclusive: token };
    return true;
  }

  /** As `accepts`. @throws {LockError} `stale-token`. */
  assertAccepts(pass: Pass): void {
    if (this.accepts(pass)) return;
    const { largestSeen } = this.#state;
    throw new LockError("stale-token", `token ${pass.token} is older than ${largestSeen}`);
  }
}

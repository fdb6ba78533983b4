import type { SessionTimes } from "../core/session-core.ts";
import type { Cancellation } from "../ending.ts";
import { LockError } from "../lock-error.ts";
import { checkedDelay, checkedMetadata, checkedTtl, type LocksOptions } from "../options.ts";
import { DrivenSession, type LockWorld } from "../session/driven-session.ts";
import type { SessionPool } from "../session/session-pool.ts";
import type { Blockers, Role } from "../store/coordination-store.ts";
import type { AcquireOptions } from "./acquire-options.ts";
import { Acquisition, type Wanted } from "./acquisition.ts";
import { GiveUp } from "./give-up.ts";
import type { HeldLock } from "./held-lock.ts";
import { Hold } from "./hold.ts";

/** What a kind of lock asks of its queue. */
export interface QueueRule {
  readonly queue: string;
  readonly role: Role;
  readonly blockers: Blockers;
}

/** Gets locks: under one session after the other, until it holds or gives up. */
export class Acquirer {
  readonly world: LockWorld;
  readonly stopping: Cancellation;
  readonly #options: Required<LocksOptions>;
  readonly #sessions: SessionPool;
  #waiting = 0;

  constructor(
    world: LockWorld,
    options: Required<LocksOptions>,
    sessions: SessionPool,
    stopping: Cancellation,
  ) {
    this.world = world;
    this.#options = options;
    this.#sessions = sessions;
    this.stopping = stopping;
  }

  /** Undefined when it is busy and `waitMs` is 0. @throws {LockError} */
  async acquire(
    rule: QueueRule,
    waitMs: number,
    options: AcquireOptions,
  ): Promise<HeldLock | undefined> {
    const { maxWaiting } = this.#options;
    const times = this.times(options);
    const metadata = checkedMetadata(options.metadata ?? "");
    const mayWait = waitMs > 0;
    if (this.#waiting >= maxWaiting) {
      throw new LockError("overloaded", `${maxWaiting} callers wait for locks already`);
    }
    this.#waiting++;
    // Who would not wait is given the time that an answer may take.
    const limitMs = mayWait ? waitMs : Infinity;
    using giveUp = this.giveUp(rule.queue, limitMs, options.signal);
    try {
      giveUp.throwIfEnded();
      const wanted = { ...rule, metadata, mayWait };
      return await this.#acquire(wanted, times, giveUp, options.session);
    } finally {
      this.#waiting--;
    }
  }

  giveUp(name: string, waitMs: number, signal: AbortSignal | undefined): GiveUp {
    return new GiveUp(this.world.clock, name, waitMs, signal, this.stopping);
  }

  times(options: Pick<AcquireOptions, "ttlMs" | "lockDelayMs">): SessionTimes {
    const { ttlMs, lockDelayMs, maxClockDrift } = this.#options;
    return {
      ttlMs: checkedTtl(options.ttlMs ?? ttlMs),
      lockDelayMs: checkedDelay(options.lockDelayMs ?? lockDelayMs),
      maxClockDrift,
    };
  }

  async #acquire(
    wanted: Wanted,
    times: SessionTimes,
    giveUp: GiveUp,
    chosen: AcquireOptions["session"],
  ): Promise<HeldLock | undefined> {
    for (;;) {
      const session = chosen
        ? checkedSession(chosen)
        : await this.#sessions.get(times, giveUp, wanted.mayWait);
      const acquisition = new Acquisition(session, wanted, giveUp);
      const end = await acquisition.run();
      switch (end.kind) {
        case "admitted": {
          // However good the answer: whose session is over by now holds nothing.
          if (!session.isAlive()) break;
          const hold = new Hold(acquisition, end).handle();
          if (!giveUp.aborted) return hold;
          void hold[Symbol.asyncDispose]();
          throw giveUp.reason;
        }
        case "busy":
          return undefined;
        case "given-up":
          throw giveUp.reason;
        case "unanswered":
          throw giveUp.failure!;
        case "gone":
        case "refused":
        case "session-ended":
        // its place is lost: at the end of the queue again, under another session if need be
      }
    }
  }
}

function checkedSession(session: object): DrivenSession {
  if (!(session instanceof DrivenSession)) {
    throw new LockError("invalid-option", "session must be one of openSession");
  }
  if (session.isAlive()) return session;
  throw new LockError("session-expired", `session ${session.id} has ended`);
}

import { type Clock, pick, type Random } from "@quorate/runtime";
import {
  Aborted,
  AcquireTimeout,
  type HeldLock,
  type Lock,
  LockError,
  LockLost,
  type Locks,
  type LockSession,
} from "../src/index.ts";
import type { LockCoverage } from "./lock-coverage.ts";
import { LOCK_DELAY_MS, PERMITS, TTLS_MS } from "./lock-terms.ts";

/** What users tell of what they do. */
export interface UserWorld {
  /** It waits for one lock at a time from here on, and gives up no wait. */
  readonly patient: () => void;
  readonly granted: (held: HeldLock) => void;
  readonly ended: (held: HeldLock) => void;
  /** A write goes to the resource, which it reaches some time, whatever becomes of its writer. */
  readonly write: (held: HeldLock) => void;
  readonly cover: (what: LockCoverage) => void;
}

/** Does several things at once with locks, as a process does. */
export class LockUser {
  readonly #locks: Locks;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #world: UserWorld;
  readonly #working: Promise<unknown>;
  #isEnding = false;
  #finishing: Promise<void> | undefined;
  isFinished = false;

  constructor(locks: Locks, clock: Clock, random: Random, world: UserWorld) {
    this.#locks = locks;
    this.#clock = clock;
    this.#random = random;
    this.#world = world;
    this.#working = Promise.all(Array.from({ length: 3 }, () => this.#work()));
  }

  /** Rejects with what went wrong in its work. */
  get working(): Promise<unknown> {
    return this.#working;
  }

  /** Ends what it does, then holds each lock once more. */
  finish(): Promise<void> {
    this.#finishing ??= this.#finish();
    return this.#finishing;
  }

  async #finish(): Promise<void> {
    this.#isEnding = true;
    await this.#working;
    this.#world.patient();
    for (const lock of this.#all()) {
      const held = await lock.acquire(lock.name === "d" ? { lockDelayMs: LOCK_DELAY_MS } : {});
      this.#world.granted(held);
      this.#world.write(held);
      // A long one among the permits: that others are free must show all the same.
      await this.#sleep(lock.name === "s" && this.#random.next() < 0.3 ? 15_000 : 20);
      await this.#release(held);
    }
    this.isFinished = true;
  }

  #all(): readonly Lock[] {
    const { read, write } = this.#locks.readWriteLock("rw");
    const locks = [this.#locks.mutex("m"), this.#locks.mutex("d")];
    return [...locks, read, write, this.#locks.semaphore("s", PERMITS)];
  }

  async #work(): Promise<void> {
    let session: LockSession | undefined;
    while (!this.#isEnding) {
      const dice = this.#random.next();
      if (dice < 0.1) session = await this.#changeSession(session);
      else if (dice < 0.13) await this.#force();
      else await this.#use(session?.state === "ended" ? undefined : session);
      await this.#sleep(pick(this.#random, [1, 30, 300]) * this.#random.next());
    }
    await session?.close();
  }

  /** Closes the session of its own that it has, or opens one. */
  async #changeSession(session: LockSession | undefined): Promise<LockSession | undefined> {
    await session?.close();
    if (session) return undefined;
    const times = { ttlMs: pick(this.#random, TTLS_MS), lockDelayMs: LOCK_DELAY_MS };
    const opened = await this.#locks.openSession(times).catch(failed);
    opened?.onEvent(({ kind }) => {
      if (kind === "jeopardy") this.#world.cover("sessions in jeopardy");
    });
    return opened;
  }

  async #force(): Promise<void> {
    await pick(this.#random, this.#all()).forceRelease().catch(failed);
  }

  async #use(session: LockSession | undefined): Promise<void> {
    const lock = pick(this.#random, this.#all());
    const held = await this.#get(lock, session);
    if (!held) return;
    this.#world.granted(held);
    this.#cover(lock, held);
    const isCareful = this.#random.next() < 0.7;
    const untilMs =
      this.#clock.now() + 2 * pick(this.#random, [5, 50, 500, 2_000]) * this.#random.next();
    do {
      if (isCareful && held.signal.aborted) break;
      this.#world.write(held);
      if (this.#random.next() < 0.1) await held.check().catch(failed);
      await this.#sleep(pick(this.#random, [5, 100, 400]) * this.#random.next());
    } while (this.#clock.now() < untilMs);
    await this.#release(held);
  }

  async #get(lock: Lock, session: LockSession | undefined): Promise<HeldLock | undefined> {
    const giveUp = new AbortController();
    const timer =
      this.#random.next() < 0.2
        ? this.#clock.setTimer(1_000 * this.#random.next(), () => giveUp.abort(new Error("enough")))
        : undefined;
    const options = {
      signal: giveUp.signal,
      ttlMs: pick(this.#random, TTLS_MS),
      ...(lock.name === "d" ? { lockDelayMs: LOCK_DELAY_MS } : {}),
      ...(session && this.#random.next() < 0.5 ? { session } : {}),
    };
    const waitMs = pick(this.#random, [0, 300, 3_000, 10_000]);
    const startedAtMs = this.#clock.now();
    try {
      const held = await (waitMs === 0
        ? lock.tryAcquire(options)
        : lock.acquire({ ...options, waitMs }));
      if (!held) this.#world.cover("busy");
      else if (this.#clock.now() - startedAtMs > 200) this.#world.cover("grants after a wait");
      return held ?? undefined;
    } catch (error) {
      if (error instanceof Aborted) this.#world.cover("waits aborted");
      if (error instanceof AcquireTimeout) this.#world.cover("waits timed out");
      return failed(error);
    } finally {
      timer?.cancel();
    }
  }

  async #release(held: HeldLock): Promise<void> {
    if (held.signal.aborted) {
      const { cause } = held.signal.reason as LockLost;
      // As long as clocks keep to their rates, a session ends here before it does in the store.
      if (cause === "expired") throw new Error(`${held.name} was lost in the store first`);
      this.#world.cover(`locks lost: ${cause}`);
    }
    this.#world.ended(held);
    const how = await held.release().then(
      () => "confirmed" as const,
      (error: unknown) => {
        failed(error);
        return "unconfirmed" as const;
      },
    );
    this.#world.cover(`releases ${how}`);
  }

  #cover({ name }: Lock, { role }: HeldLock): void {
    this.#world.cover("grants");
    if (role === "shared") this.#world.cover("reads granted");
    if (name === "s") this.#world.cover("permits granted");
    if (name === "d") this.#world.cover("grants with lock-delay");
  }

  #sleep(ms: number): Promise<void> {
    return new Promise((resolve) => this.#clock.setTimer(ms, resolve));
  }
}

/** Locks fail with errors of their own, and with nothing else. */
function failed(error: unknown): undefined {
  if (!(error instanceof LockError) || error.code === "invalid-option") throw error;
}

import { Backoff } from "../backoff.ts";
import { SessionCore, type SessionTimes } from "../core/session-core.ts";
import { type Cancellation, Ending } from "../ending.ts";
import { LockError } from "../lock-error.ts";
import { request } from "../request.ts";
import { DrivenSession, type LockWorld } from "./driven-session.ts";

/** A session in which so many joins ended unknown gets no more: the store remembers each of them. */
const MAX_BURNT_PLACES = 1_000;
/** Different times that sessions are kept open for at once; those beyond share nothing. */
const MAX_SHARED = 64;

/** Opens sessions, and shares one among all locks that ask for the same times. */
export class SessionPool {
  readonly #world: LockWorld;
  readonly #shared = new Map<string, Promise<DrivenSession>>();
  readonly #open = new Set<DrivenSession>();
  readonly #stopping = new Ending();

  constructor(world: LockWorld) {
    this.#world = world;
  }

  /**
   * One that lives, opened now if there is none. Waits for the store until `giveUp` when `mayWait`.
   *
   * @throws {LockError} `unreachable`, `stopped`; or the reason of `giveUp`.
   */
  async get(times: SessionTimes, giveUp: Ending, mayWait: boolean): Promise<DrivenSession> {
    const backoff = new Backoff(this.#world.clock, this.#world.random);
    for (;;) {
      const opening = this.#sharedOne(times);
      try {
        const session = await until(giveUp, opening);
        if (session.isAlive() && session.burntPlaces < MAX_BURNT_PLACES) return session;
      } catch (error) {
        giveUp.throwIfEnded();
        const isOver = !(error instanceof LockError && error.code === "unreachable");
        if (isOver || !mayWait) throw error;
      }
      this.#forget(times, opening);
      await backoff.wait(giveUp);
    }
  }

  /** A session of its owner's own. @throws {LockError} `unreachable`, `stopped`, `invalid-option`. */
  async open(times: SessionTimes, maxIdleMs?: number): Promise<DrivenSession> {
    const { store, clock, requestTimeoutMs } = this.#world;
    const stopping = this.#stopping;
    const sentAtMs = clock.now();
    const wholeMs = times.ttlMs + times.lockDelayMs;
    const { id, ttlMs } = await request(clock, requestTimeoutMs, stopping, (call) =>
      store.openSession(wholeMs, call),
    );
    if (ttlMs <= times.lockDelayMs) {
      const message = `the store grants sessions of ${ttlMs} ms, which is all lock-delay`;
      throw new LockError("invalid-option", message);
    }
    const core = new SessionCore(times, sentAtMs, ttlMs);
    const session = new DrivenSession(id, core, this.#world, maxIdleMs);
    this.#open.add(session);
    session.onEnd(() => this.#open.delete(session));
    if (!stopping.aborted) return session;
    await session.close();
    throw stopping.reason;
  }

  async stop(): Promise<void> {
    this.#stopping.end(new LockError("stopped", "the locks were stopped"));
    await Promise.all([...this.#open].map((session) => session.close()));
  }

  #sharedOne(times: SessionTimes): Promise<DrivenSession> {
    const known = this.#shared.get(keyOf(times));
    if (known) return known;
    const opening = this.open(times, times.ttlMs);
    if (this.#shared.size >= MAX_SHARED) return opening;
    this.#shared.set(keyOf(times), opening);
    const forget = (): void => this.#forget(times, opening);
    opening.then((session) => session.onEnd(forget), forget);
    return opening;
  }

  #forget(times: SessionTimes, opening: Promise<DrivenSession>): void {
    if (this.#shared.get(keyOf(times)) === opening) this.#shared.delete(keyOf(times));
  }
}

function keyOf({ ttlMs, lockDelayMs }: SessionTimes): string {
  return `${ttlMs}/${lockDelayMs}`;
}

/** What `promise` resolves to, unless the signal aborts first: then its reason. */
function until<T>(signal: Cancellation, promise: Promise<T>): Promise<T> {
  if (signal.aborted) return Promise.reject(signal.reason as Error);
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(signal.reason as Error);
    const settle = (outcome: () => void): void => {
      signal.removeEventListener("abort", abort);
      outcome();
    };
    signal.addEventListener("abort", abort);
    promise.then(
      (value) => settle(() => resolve(value)),
      (error: unknown) => settle(() => reject(error)),
    );
  });
}

import { Ending } from "../ending.ts";
import { Backoff, pause } from "../backoff.ts";
import { type LossCause, LockError, LockLost } from "../lock-error.ts";
import { request } from "../request.ts";
import type { DrivenSession } from "../session/driven-session.ts";
import type { Blockers, Role } from "../store/coordination-store.ts";
import type { Acquisition } from "./acquisition.ts";
import type { HeldLock } from "./held-lock.ts";

/** What was found out when the lock was got. */
export interface Admitted {
  readonly token: bigint;
  readonly ref: string;
  readonly alongside: readonly string[];
  readonly isUncertain: boolean;
}

/** Whether a contender is there is asked without asking for its neighbours. */
const NOBODY: Blockers = { roles: "any", limit: 0 };

/** A lock that this process holds, for all its handles. */
export class Hold {
  readonly admitted: Admitted;
  readonly session: DrivenSession;
  readonly #acquisition: Acquisition;
  /** Made when somebody asks for its signal: most locks are released before. */
  #controller: AbortController | undefined;
  #loss: LockLost | undefined;
  /** It is held no more, for either reason. */
  readonly #ended = new Ending();
  readonly #unsubscribe: () => void;
  #state: "held" | "released" | "lost" = "held";
  #lostAtMs = 0;
  #handles = 0;

  constructor(acquisition: Acquisition, admitted: Admitted) {
    this.admitted = admitted;
    this.session = acquisition.session;
    this.#acquisition = acquisition;
    this.#unsubscribe = this.session.onEnd((cause) => this.#lose(cause));
    void this.#watch();
  }

  get name(): string {
    return this.#acquisition.place.queue;
  }

  get role(): Role {
    return this.#acquisition.place.role;
  }

  get signal(): AbortSignal {
    this.#controller ??= new AbortController();
    if (this.#loss) this.#controller.abort(this.#loss);
    return this.#controller.signal;
  }

  get validUntil(): number {
    return this.#state === "held" ? this.session.validUntil : this.#lostAtMs;
  }

  get isValid(): boolean {
    // Looks at the clock: where timers are late, this is where the loss is noticed.
    return this.#state === "held" && this.session.isAlive();
  }

  handle(): HeldLock {
    this.#throwIfLost();
    this.#handles++;
    return new Handle(this);
  }

  async check(): Promise<void> {
    this.session.isAlive();
    this.#throwIfLost();
    const { store, clock, requestTimeoutMs } = this.session.world;
    const { place } = this.#acquisition;
    const standing = await request(clock, requestTimeoutMs, this.#ended, (call) =>
      store.standing(place, NOBODY, call),
    );
    if (standing === "gone") this.#revoked();
    this.session.isAlive(); // the answer may have been long in coming
    this.#throwIfLost();
  }

  /** A handle was released; with the last one the lock is. */
  async release(): Promise<void> {
    if (--this.#handles > 0 || this.#state !== "held" || !this.session.isAlive()) return;
    this.#end("released");
    const left = this.#leave();
    const { clock, requestTimeoutMs } = this.session.world;
    await request(clock, requestTimeoutMs, undefined, () => left);
  }

  /** Somebody may take it away. Not asked of the store for locks that are held shortly. */
  async #watch(): Promise<void> {
    const { store, clock, random } = this.session.world;
    const { queue } = this.#acquisition.place;
    const backoff = new Backoff(clock, random);
    const ended = this.#ended;
    try {
      await pause(clock, this.session.heartbeatMs, ended);
      const over = new AbortController();
      ended.addEventListener("abort", () => over.abort(ended.reason));
      const { signal } = over;
      while (this.#state === "held") {
        await store.whenGone(queue, this.admitted.ref, { signal }).catch(() => {});
        await this.check().catch(() => {});
        await backoff.wait(ended);
      }
    } catch {
      // it is held no more
    }
  }

  #revoked(): void {
    if (this.#state !== "held") return;
    this.#lose("revoked");
    void this.#leave(); // it is out; its place is to be used again
  }

  #leave(): Promise<void> {
    const { place, number } = this.#acquisition;
    const { token, isUncertain } = this.admitted;
    return this.session.leave(place, number, isUncertain ? undefined : token);
  }

  #lose(cause: LossCause): void {
    if (this.#state !== "held") return;
    this.#loss = new LockLost(cause, `${this.name} was lost: ${REASONS[cause]}`);
    this.#end("lost");
    this.#controller?.abort(this.#loss);
  }

  #end(state: "released" | "lost"): void {
    const nowMs = this.session.world.clock.now();
    this.#lostAtMs = Math.min(nowMs, this.session.validUntil);
    this.#state = state;
    this.#unsubscribe();
    this.#ended.end(this.#loss ?? RELEASED);
  }

  #throwIfLost(): void {
    if (this.#loss) throw this.#loss;
    if (this.#state === "released") {
      throw new LockError("invalid-option", `${this.name} was released before`);
    }
  }
}

/** Nobody sees it: what was asked of the store is of no interest any more. */
const RELEASED = new Error("the lock was released");

const REASONS: Readonly<Record<LossCause, string>> = {
  expired: "the store ended its session",
  revoked: "it was taken away",
  unreachable: "no renewal was acknowledged in time",
};

class Handle implements HeldLock {
  readonly #hold: Hold;
  #isReleased = false;

  constructor(hold: Hold) {
    this.#hold = hold;
  }

  get name(): string {
    return this.#hold.name;
  }

  get token(): bigint {
    return this.#hold.admitted.token;
  }

  get role(): Role {
    return this.#hold.role;
  }

  get ref(): string {
    return this.#hold.admitted.ref;
  }

  get alongside(): readonly string[] {
    return this.#hold.admitted.alongside;
  }

  get signal(): AbortSignal {
    return this.#hold.signal;
  }

  get validUntil(): number {
    return this.#hold.validUntil;
  }

  get isValid(): boolean {
    return !this.#isReleased && this.#hold.isValid;
  }

  check(): Promise<void> {
    return this.#hold.check();
  }

  reenter(): HeldLock {
    return this.#hold.handle();
  }

  async release(): Promise<void> {
    if (this.#isReleased) return;
    this.#isReleased = true;
    await this.#hold.release();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.release().catch(() => {}); // what the body threw is what counts
  }
}

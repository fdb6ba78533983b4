import { type Clock, systemClock, type Timer } from "@quorate/runtime";
import { StoreState } from "../core/store-state.ts";
import type {
  Blockers,
  Contender,
  CoordinationStore,
  JoinRequest,
  Place,
  Renewal,
  Standing,
  StoreCall,
  StoreSession,
} from "../store/coordination-store.ts";
import type { Guarantees } from "../store/guarantees.ts";
import { WaitingList } from "./waiting-list.ts";

/** What a memory store needs from outside; each has a default. */
export interface MemoryStoreDependencies {
  /** @default systemClock */
  readonly clock?: Clock;
}

/** A store in this process's memory: for tests, and for locks among the parts of one process. */
export class MemoryStore implements CoordinationStore {
  readonly guarantees: Guarantees = {
    fencing: true,
    fifo: true,
    quorum: false,
    clockDependent: false,
  };
  readonly #clock: Clock;
  readonly #state: StoreState;
  readonly #gone = new WaitingList();
  readonly #joined = new WaitingList();
  #timer: Timer | undefined;
  #timerAtMs = Infinity;

  constructor({ clock = systemClock }: MemoryStoreDependencies = {}) {
    this.#clock = clock;
    this.#state = new StoreState();
  }

  async openSession(ttlMs: number): Promise<StoreSession> {
    return this.#run((nowMs) => this.#state.openSession(ttlMs, nowMs));
  }

  async keepAlive(sessionId: string): Promise<Renewal> {
    return this.#run((nowMs) => this.#state.keepAlive(sessionId, nowMs));
  }

  async closeSession(sessionId: string): Promise<void> {
    this.#run(() => this.#state.closeSession(sessionId));
  }

  async join(request: JoinRequest): Promise<Standing | "refused"> {
    return this.#run((nowMs) => this.#state.join(request, nowMs));
  }

  async standing(place: Place, blockers: Blockers): Promise<Pick<Standing, "ahead"> | "gone"> {
    return this.#run((nowMs) => this.#state.standing(place, blockers, nowMs));
  }

  async leave(place: Place, token: bigint | undefined): Promise<void> {
    this.#run(() => this.#state.leave(place, token));
  }

  async contenders(queue: string, limit: number): Promise<readonly Contender[]> {
    return this.#run((nowMs) => this.#state.contenders(queue, limit, nowMs));
  }

  async whenGone(queue: string, ref: string, call?: StoreCall): Promise<void> {
    const isThere = this.#run(() => this.#state.has(queue, ref));
    if (isThere) await this.#gone.wait(`${queue}\0${ref}`, call);
  }

  async whenJoined(queue: string, call?: StoreCall): Promise<void> {
    const isEmpty = this.#run(() => this.#state.isEmpty(queue));
    if (isEmpty) await this.#joined.wait(queue, call);
  }

  #run<R>(operate: (nowMs: number) => R): R {
    const nowMs = this.#clock.now();
    this.#state.expire(nowMs);
    const result = operate(nowMs);
    this.#tellChanges();
    return result;
  }

  #tellChanges(): void {
    for (const change of this.#state.takeChanges()) {
      if (change.kind === "joined") this.#joined.wake(change.queue);
      else this.#gone.wake(`${change.queue}\0${change.ref}`);
    }
    this.#setTimer();
  }

  /** Sessions end although nobody asks; with the last one the timer goes, and keeps no process alive. */
  #setTimer(): void {
    const atMs = this.#state.nextDeadlineMs;
    if (atMs >= this.#timerAtMs && atMs < Infinity) return;
    this.#timer?.cancel();
    this.#timerAtMs = atMs;
    if (atMs === Infinity) return;
    this.#timer = this.#clock.setTimer(Math.max(0, atMs - this.#clock.now()), () => {
      this.#timerAtMs = Infinity;
      this.#state.expire(this.#clock.now());
      this.#tellChanges();
    });
  }
}

import type { Clock, Random, Timer } from "@quorate/runtime";
import { Backoff } from "../backoff.ts";
import { Ending } from "../ending.ts";
import { PlaceNumbers } from "../core/place-numbers.ts";
import type { SessionCore, SessionEffect } from "../core/session-core.ts";
import type { LossCause } from "../lock-error.ts";
import { request } from "../request.ts";
import type { CoordinationStore, Place, Role } from "../store/coordination-store.ts";
import type { LockSession, SessionEvent } from "./lock-session.ts";

/** What sessions and what is held under them work with. */
export interface LockWorld {
  readonly store: CoordinationStore;
  readonly clock: Clock;
  readonly random: Random;
  readonly requestTimeoutMs: number;
}

/** Drives a session: renews it, and tells those who hold something under it when it has ended. */
export class DrivenSession implements LockSession {
  readonly id: string;
  readonly world: LockWorld;
  readonly #core: SessionCore;
  readonly #listeners = new Set<(event: SessionEvent) => void>();
  readonly #dependants = new Set<(cause: LossCause) => void>();
  readonly #places = new PlaceNumbers();
  /** Aborts when it has ended: nothing needs to be asked about it any more. */
  readonly #over = new Ending();
  /** After so long without a place it is closed; undefined when its owner closes it. */
  readonly #maxIdleMs: number | undefined;
  #idleSinceMs: number;
  #timer: Timer | undefined;
  #isClosed = false;
  #closing: Promise<void> | undefined;

  constructor(id: string, core: SessionCore, world: LockWorld, maxIdleMs: number | undefined) {
    this.id = id;
    this.world = world;
    this.#core = core;
    this.#maxIdleMs = maxIdleMs;
    this.#idleSinceMs = world.clock.now();
    this.#drive();
  }

  get state(): "safe" | "jeopardy" | "ended" {
    return this.#isClosed ? "ended" : this.#core.state;
  }

  get validUntil(): number {
    return this.#core.validUntilMs;
  }

  get heartbeatMs(): number {
    return this.#core.heartbeatMs;
  }

  /** Places that were burnt: a session with many of them is better replaced. */
  get burntPlaces(): number {
    return this.#places.burnt;
  }

  get cause(): LossCause {
    return this.#isClosed ? "revoked" : this.#core.cause;
  }

  onEvent(listener: (event: SessionEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Told once, when it ends; those who contend or hold under it. */
  onEnd(dependant: (cause: LossCause) => void): () => void {
    this.#dependants.add(dependant);
    return () => void this.#dependants.delete(dependant);
  }

  /** Looks at the clock, which a timer may not have done for long: whether it lives now. */
  isAlive(): boolean {
    if (this.world.clock.now() >= this.#core.nextMs) this.#drive();
    return this.state !== "ended";
  }

  /** The store knows it no more. */
  refused(): void {
    this.#act(this.#core.refused());
  }

  place(queue: string, role: Role): { readonly place: Place; readonly number: number } {
    const number = this.#places.take(queue);
    const id = number === 0 ? this.id : `${this.id}.${number}`;
    return { place: { queue, sessionId: this.id, id, role }, number };
  }

  /**
   * Takes a contender out, however long the store does not answer: it would be in others' way for as
   * long as this session is renewed. Resolves once it is out, or the session has ended.
   */
  async leave(place: Place, number: number, token: bigint | undefined): Promise<void> {
    const { store, clock, random, requestTimeoutMs } = this.world;
    const backoff = new Backoff(clock, random);
    const over = this.#over;
    while (!over.aborted) {
      try {
        await request(clock, requestTimeoutMs, over, (call) => store.leave(place, token, call));
        if (token === undefined) this.#places.burn();
        else this.#places.free(place.queue, number);
        this.#idleSinceMs = clock.now();
        return;
      } catch {
        await backoff.wait(over).catch(() => {});
      }
    }
  }

  close(): Promise<void> {
    if (this.#core.state === "ended") return Promise.resolve();
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #close(): Promise<void> {
    const { store, clock, requestTimeoutMs } = this.world;
    this.#isClosed = true;
    this.#stop("revoked");
    const ask = request(clock, requestTimeoutMs, undefined, (call) =>
      store.closeSession(this.id, call),
    );
    await ask.catch(() => {}); // it ends by itself, then
  }

  #drive(): void {
    if (this.state === "ended") return;
    this.#act(this.#core.tick(this.world.clock.now()));
    this.#setTimer();
  }

  #setTimer(): void {
    this.#timer?.cancel();
    if (this.state === "ended") return;
    const waitMs = Math.max(0, this.#core.nextMs - this.world.clock.now());
    this.#timer = this.world.clock.setTimer(waitMs, () => this.#drive());
  }

  #act(effects: readonly SessionEffect[]): void {
    for (const effect of effects) {
      if (effect === "renew") this.#renew();
      else if (effect === "ended") this.#stop(this.#core.cause);
      else this.#tell({ kind: effect });
    }
  }

  #renew(): void {
    const { store, clock } = this.world;
    const sentAtMs = clock.now();
    if (this.#isIdle(sentAtMs)) return void this.close();
    const leftMs = this.#core.validUntilMs - sentAtMs; // after that no answer helps
    const ask = request(clock, leftMs, this.#over, (call) => store.keepAlive(this.id, call));
    ask.then(
      (renewal) => {
        if (renewal === "expired") this.#act(this.#core.refused());
        else this.#act(this.#core.renewed(sentAtMs, renewal.ttlMs, clock.now()));
        this.#setTimer();
      },
      () => {
        this.#core.failed(clock.now());
        this.#setTimer();
      },
    );
  }

  #isIdle(nowMs: number): boolean {
    const maxIdleMs = this.#maxIdleMs ?? Infinity;
    return this.#places.count === 0 && nowMs - this.#idleSinceMs >= maxIdleMs;
  }

  #stop(cause: LossCause): void {
    this.#timer?.cancel();
    if (cause !== "revoked") this.#tell({ kind: "expired", cause });
    for (const dependant of [...this.#dependants]) dependant(cause);
    this.#dependants.clear();
    this.#over.end(new Error("the session has ended"));
  }

  #tell(event: SessionEvent): void {
    for (const listener of [...this.#listeners]) listener(event);
  }
}

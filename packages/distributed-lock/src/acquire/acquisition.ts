import { Backoff, pause } from "../backoff.ts";
import {
  AcquisitionCore,
  type AcquisitionEffect,
  type AcquisitionEnd,
} from "../core/acquisition-core.ts";
import { Ending } from "../ending.ts";
import type { LockError } from "../lock-error.ts";
import { request } from "../request.ts";
import type { DrivenSession } from "../session/driven-session.ts";
import type { GiveUp } from "./give-up.ts";
import type { Blockers, Place, Role, Standing } from "../store/coordination-store.ts";

/** What is wanted of a queue. */
export interface Wanted {
  readonly queue: string;
  readonly role: Role;
  readonly blockers: Blockers;
  readonly metadata: string;
  readonly mayWait: boolean;
}

/** Drives one attempt to get a lock under one session. */
export class Acquisition {
  readonly session: DrivenSession;
  readonly wanted: Wanted;
  readonly place: Place;
  readonly number: number;
  readonly #core: AcquisitionCore;
  readonly #backoff: Backoff;
  /** Aborts when it is over: of what it asked, nothing is awaited any more. */
  readonly #over = new Ending();
  readonly #giveUp: GiveUp;
  #settle!: (end: AcquisitionEnd) => void;

  constructor(session: DrivenSession, wanted: Wanted, giveUp: GiveUp) {
    this.session = session;
    this.#giveUp = giveUp;
    this.wanted = wanted;
    ({ place: this.place, number: this.number } = session.place(wanted.queue, wanted.role));
    this.#core = new AcquisitionCore(wanted.blockers, wanted.mayWait);
    this.#backoff = new Backoff(session.world.clock, session.world.random);
  }

  /** Resolves once it is known how it ended; at once when its caller gives up. Never rejects. */
  async run(): Promise<AcquisitionEnd> {
    const core = this.#core;
    const giveUp = this.#giveUp;
    const ended = new Promise<AcquisitionEnd>((resolve) => (this.#settle = resolve));
    const stop = (): void => this.#do(core.giveUp());
    giveUp.addEventListener("abort", stop);
    const unsubscribe = this.session.onEnd(() => this.#do(core.sessionEnded()));
    this.#do(giveUp.aborted ? core.giveUp() : core.begin());
    const end = await ended;
    giveUp.removeEventListener("abort", stop);
    unsubscribe();
    return end;
  }

  #do(effects: readonly AcquisitionEffect[]): void {
    for (const effect of effects) this.#perform(effect);
  }

  #perform(effect: AcquisitionEffect): void {
    switch (effect.kind) {
      case "join":
        return this.#join();
      case "ask":
        return this.#ask();
      case "retry":
        return this.#retry();
      case "watch":
        return this.#watch(effect.refs);
      case "leave":
        // Without waiting for it: whoever gave up has other things to do.
        return void this.session.leave(this.place, this.number, effect.token);
      case "ended":
        return this.#end(effect.end);
    }
  }

  #end(end: AcquisitionEnd): void {
    if (end.kind === "refused") this.session.refused();
    this.#settle(end);
    this.#over.end(OVER);
  }

  #join(): void {
    const { store } = this.session.world;
    const { metadata, blockers } = this.wanted;
    const joining = { ...this.place, metadata, blockers };
    this.#request(
      (call) => store.join(joining, call),
      (standing: Standing | "refused") =>
        standing === "refused" ? this.#core.lost("refused") : this.#core.joined(standing),
    );
  }

  #ask(): void {
    const { store } = this.session.world;
    this.#request(
      (call) => store.standing(this.place, this.wanted.blockers, call),
      (standing) =>
        standing === "gone" ? this.#core.lost("gone") : this.#core.standing(standing.ahead),
    );
  }

  #request<T>(
    ask: (call: { readonly signal: AbortSignal }) => Promise<T>,
    take: (answer: T) => readonly AcquisitionEffect[],
  ): void {
    const { clock, requestTimeoutMs } = this.session.world;
    request(clock, requestTimeoutMs, this.#over, ask).then(
      (answer) => {
        this.#backoff.reset();
        this.#do(take(answer));
      },
      (error: unknown) => {
        if (this.#core.isOver) return;
        this.#giveUp.failure = error as LockError;
        this.#do(this.#core.unanswered());
      },
    );
  }

  #retry(): void {
    this.#backoff.wait(this.#over).then(
      () => this.#do(this.#core.retry()),
      () => {},
    );
  }

  #watch(refs: readonly string[]): void {
    const { store, clock } = this.session.world;
    const watching = new Ending();
    const stop = (): void => watching.end(OVER);
    const look = (): void => {
      if (watching.aborted) return;
      this.#over.removeEventListener("abort", stop);
      stop();
      this.#do(this.#core.woken());
    };
    const failed = (): void => {
      if (!watching.aborted) pause(clock, WATCH_AGAIN_MS, watching).then(look, () => {});
    };
    this.#over.addEventListener("abort", stop);
    for (const ref of refs) {
      const one = new AbortController();
      watching.addEventListener("abort", () => one.abort(watching.reason));
      const call = { signal: one.signal };
      store.whenGone(this.place.queue, ref, call).then(look, failed);
    }
  }
}

/** Nobody sees it: what was asked is of no interest any more. */
const OVER = new Error("the acquisition is over");

/** A watch that the store has given up tells nothing: it is taken for a wake-up, after a while. */
const WATCH_AGAIN_MS = 250;

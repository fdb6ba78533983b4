import type { Clock, Timer } from "@quorate/runtime";
import { type Dispatcher, errors } from "undici";
import type { LoadBalancer } from "../load-balancer.ts";
import { LoadBalancerError } from "../load-balancer-error.ts";
import type { Pick, PickContext } from "../pick.ts";
import { AttemptHandler } from "./attempt-handler.ts";
import { errorOutcome, isCallersError } from "./error-outcome.ts";
import type { BalanceSettings } from "./options.ts";
import type { RawHandler } from "./raw-handler.ts";

/** Sends one attempt to the endpoint of a pick, as `Dispatcher.dispatch` does. */
export type Send = (
  pick: Pick,
  request: Dispatcher.DispatchOptions,
  handler: RawHandler,
) => boolean;

/** What all requests of a dispatcher have in common. */
export interface Balancing {
  readonly balancer: LoadBalancer;
  readonly settings: BalanceSettings;
  readonly clock: Clock;
  readonly send: Send;
}

/**
 * A request as its caller sees it: one answer, whatever attempts it takes. All is synchronous where
 * the first attempt succeeds; retries and hedges pay for themselves.
 *
 * An attempt follows another one only if nothing of that was sent, or if the request is idempotent
 * and its body can be sent again; and only if the balancer's budget allows it.
 */
export class BalancedRequest {
  readonly #balancing: Balancing;
  readonly #options: Dispatcher.DispatchOptions;
  readonly #handler: RawHandler;
  readonly #context: PickContext | undefined;
  readonly #mayRepeat: boolean;
  #live: AttemptHandler | undefined;
  /** Besides `#live`, while hedging. */
  #others: AttemptHandler[] | undefined;
  #winner: AttemptHandler | undefined;
  #tried: Set<string> | undefined;
  #attempts = 0;
  #hedgeTimer: Timer | undefined;
  #retryTimer: Timer | undefined;
  #waiting: AbortController | undefined;
  #over = false;

  constructor(balancing: Balancing, options: Dispatcher.DispatchOptions, handler: RawHandler) {
    this.#balancing = balancing;
    this.#options = options;
    this.#handler = handler;
    const { settings } = balancing;
    this.#context = settings.context?.(options);
    this.#mayRepeat = isReplayable(options.body) && settings.isIdempotent(options);
  }

  get maxDiscardedBytes(): number {
    return this.#balancing.settings.maxDiscardedBytes;
  }

  isFailure(status: number): boolean {
    return this.#balancing.settings.isFailure(status);
  }

  /** As `dispatch`: false when the endpoint's pool asks for a pause. Errors go to the handler. */
  start(): boolean {
    this.#handler.onConnect((reason) => this.#abort(reason ?? new errors.RequestAbortedError()));
    if (this.#over) return true;
    const { attempts } = this.#balancing.balancer;
    attempts.begin();
    const flowing = this.#attempt(false);
    if (this.#mayRepeat && !this.#over) this.#scheduleHedge();
    return flowing;
  }

  /** Whether another attempt may still do better than one that answered with a failure. */
  retries(failed: AttemptHandler): boolean {
    this.#drop(failed);
    return this.#othersMay() || this.#retry(failed, this.#mayRepeat);
  }

  /** An attempt ended without an answer. */
  failed(attempt: AttemptHandler, error: Error): void {
    attempt.pick.done(errorOutcome(error, attempt.sent));
    this.#drop(attempt);
    if (this.#over || this.#othersMay()) return;
    const mayRepeat = this.#mayRepeat || !attempt.sent;
    if (isCallersError(error) || !this.#retry(attempt, mayRepeat)) this.#fail(error);
  }

  /** The answer of this attempt is the answer. */
  won(attempt: AttemptHandler): void {
    this.#winner = attempt;
    this.#drop(attempt);
    this.#end();
    if (attempt.isHedge) this.#balancing.balancer.attempts.hedgeWon();
  }

  #attempt(isHedge: boolean): boolean {
    const { balancer, settings } = this.#balancing;
    let pick: Pick;
    try {
      pick = balancer.pick(this.#pickContext());
    } catch (error) {
      if (isHedge) return true;
      if (settings.waits && error instanceof LoadBalancerError && error.code === "overloaded") {
        void this.#attemptLater();
      } else {
        this.#fail(error as Error);
      }
      return true;
    }
    return this.#send(pick, isHedge);
  }

  async #attemptLater(): Promise<void> {
    this.#waiting = new AbortController();
    const { signal } = this.#waiting;
    try {
      const pick = await this.#balancing.balancer.acquire(this.#pickContext(), { signal });
      this.#waiting = undefined;
      if (this.#over) pick.done({ kind: "cancelled" });
      else this.#send(pick, false);
    } catch (error) {
      if (!this.#over) this.#fail(error as Error);
    }
  }

  #send(pick: Pick, isHedge: boolean): boolean {
    const attempt = new AttemptHandler(this, this.#handler, pick, ++this.#attempts, isHedge);
    if (this.#live === undefined) this.#live = attempt;
    else (this.#others ??= []).push(attempt);
    return this.#balancing.send(pick, this.#options, attempt);
  }

  #othersMay(): boolean {
    return this.#live !== undefined || this.#retryTimer !== undefined;
  }

  #retry(failed: AttemptHandler, mayRepeat: boolean): boolean {
    const { balancer, clock } = this.#balancing;
    if (!mayRepeat) return false;
    const delayMs = balancer.attempts.retry(this.#attempts + 1);
    if (delayMs === undefined) return false;
    (this.#tried ??= new Set()).add(failed.pick.endpoint.id);
    // Never from within undici's callback: its client is in the middle of its own clean-up.
    this.#retryTimer = clock.setTimer(delayMs, () => {
      this.#retryTimer = undefined;
      this.#attempt(false);
    });
    return true;
  }

  #scheduleHedge(): void {
    const { balancer, clock } = this.#balancing;
    const delayMs = balancer.attempts.hedgeDelayMs();
    if (delayMs === undefined) return;
    this.#hedgeTimer = clock.setTimer(delayMs, () => {
      this.#hedgeTimer = undefined;
      if (this.#live === undefined || !balancer.attempts.hedge(this.#attempts + 1)) return;
      (this.#tried ??= new Set()).add(this.#live.pick.endpoint.id);
      this.#attempt(true);
      if (!this.#over) this.#scheduleHedge();
    });
  }

  #pickContext(): PickContext | undefined {
    return this.#tried ? { ...this.#context, exclude: this.#tried } : this.#context;
  }

  #abort(reason: Error): void {
    if (this.#winner) {
      this.#winner.abortDelivery(reason);
    } else if (!this.#over) {
      this.#fail(reason);
    }
  }

  #fail(error: Error): void {
    this.#end();
    this.#handler.onError(error);
  }

  /** Nothing is to be waited for any more. */
  #end(): void {
    this.#over = true;
    this.#hedgeTimer?.cancel();
    this.#retryTimer?.cancel();
    this.#waiting?.abort();
    this.#live?.cancel();
    for (const attempt of this.#others ?? []) attempt.cancel();
  }

  #drop(attempt: AttemptHandler): void {
    if (this.#live === attempt) this.#live = this.#others?.shift();
    else if (this.#others) this.#others = this.#others.filter((other) => other !== attempt);
  }
}

function isReplayable(body: unknown): boolean {
  return (
    body === null ||
    body === undefined ||
    typeof body === "string" ||
    body instanceof ArrayBuffer ||
    ArrayBuffer.isView(body)
  );
}

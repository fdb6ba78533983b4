import type { Clock, Timer } from "@quorate/runtime";
import type { AttemptControl } from "./attempt-control.ts";
import { failureReason } from "./failure-reason.ts";
import type { AcquireOptions, Attempt, ExecuteOptions } from "./load-balancer.ts";
import { CANCELLED, type Outcome, SUCCESS } from "./outcome.ts";
import type { OpenPick } from "./open-pick.ts";
import type { Pick, PickContext } from "./pick.ts";

/** What an execution uses of its balancer. */
export interface ExecutionHost {
  readonly clock: Clock;
  readonly attempts: AttemptControl;
  acquire(context: PickContext, options: AcquireOptions): Promise<OpenPick>;
}

interface Running {
  readonly abort: AbortController;
  pick: OpenPick | undefined;
}

/** One call of `execute`: its attempts, of which the first success wins. */
export class Execution<T> {
  readonly #host: ExecutionHost;
  readonly #call: (pick: Pick, attempt: Attempt) => Promise<T>;
  readonly #options: ExecuteOptions<T>;
  readonly #tried = new Set<string>();
  readonly #running = new Set<Running>();
  #attempts = 0;
  #ended = false;
  #timer: Timer | undefined;
  #resolve: (value: T) => void = () => undefined;
  #reject: (reason: unknown) => void = () => undefined;

  constructor(
    host: ExecutionHost,
    call: (pick: Pick, attempt: Attempt) => Promise<T>,
    options: ExecuteOptions<T>,
  ) {
    this.#host = host;
    this.#call = call;
    this.#options = options;
  }

  async run(): Promise<T> {
    const { signal } = this.#options;
    signal?.throwIfAborted();
    const abort = (): void => this.#end(() => this.#reject(signal?.reason));
    signal?.addEventListener("abort", abort, { once: true });
    try {
      return await new Promise<T>((resolve, reject) => {
        this.#resolve = resolve;
        this.#reject = reject;
        this.#host.attempts.begin();
        void this.#attempt(false);
        this.#armHedge();
      });
    } finally {
      signal?.removeEventListener("abort", abort);
    }
  }

  async #attempt(isHedge: boolean, before?: () => void): Promise<void> {
    const number = ++this.#attempts;
    const running: Running = { abort: new AbortController(), pick: undefined };
    this.#running.add(running);
    const { signal } = running.abort;
    try {
      const context = { ...this.#options.context, exclude: this.#excluded() };
      running.pick = await this.#host.acquire(context, { signal });
    } catch (error) {
      // The failure that led here tells more than that there was no place for a retry.
      this.#failed(running, before ?? (() => this.#reject(error)), false);
      return;
    }
    const pick = running.pick;
    if (this.#ended) return pick.done(CANCELLED);
    this.#tried.add(pick.endpoint.id);
    try {
      const result = await this.#call(pick, { number, signal, isHedge });
      if (this.#ended) return;
      const outcome = this.#options.classify?.(result) ?? SUCCESS;
      pick.done(outcome);
      if (outcome.kind === "failure") {
        this.#failed(running, () => this.#resolve(result), this.#mayRetry(outcome));
        return;
      }
      if (isHedge) this.#host.attempts.hedgeWon();
      this.#running.delete(running);
      this.#end(() => this.#resolve(result));
    } catch (error) {
      if (this.#ended) return;
      const outcome: Outcome = { kind: "failure", reason: failureReason(error) };
      pick.done(outcome);
      this.#failed(running, () => this.#reject(error), this.#mayRetry(outcome));
    }
  }

  #excluded(): ReadonlySet<string> {
    const given = this.#options.context?.exclude;
    return given === undefined ? this.#tried : new Set([...given, ...this.#tried]);
  }

  #mayRetry(outcome: Outcome & { readonly kind: "failure" }): boolean {
    return this.#options.idempotent === true || outcome.reason === "connect";
  }

  /** Tries again if it may; waits for the others if there are any; else ends with `finish`. */
  #failed(running: Running, finish: () => void, retryable: boolean): void {
    this.#running.delete(running);
    if (this.#ended || this.#running.size > 0) return;
    const delayMs = retryable ? this.#host.attempts.retry(this.#attempts + 1) : undefined;
    if (delayMs === undefined) {
      this.#end(finish);
      return;
    }
    this.#timer?.cancel();
    const again = (): void => void this.#attempt(false, finish);
    if (delayMs > 0) this.#timer = this.#host.clock.setTimer(delayMs, again);
    else again();
  }

  #armHedge(): void {
    if (this.#options.idempotent !== true) return;
    const delayMs = this.#host.attempts.hedgeDelayMs();
    if (delayMs === undefined) return;
    this.#timer = this.#host.clock.setTimer(delayMs, () => {
      if (this.#ended || this.#answering()) return;
      if (this.#host.attempts.hedge(this.#attempts + 1)) void this.#attempt(true);
    });
  }

  /** An answer that has begun is sooner here than a second one. */
  #answering(): boolean {
    return [...this.#running].some(({ pick }) => pick !== undefined && pick.firstByteAtMs >= 0);
  }

  #end(settle: () => void): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#timer?.cancel();
    for (const { abort, pick } of this.#running) {
      pick?.done(CANCELLED);
      abort.abort(this.#options.signal?.reason);
    }
    settle();
  }
}

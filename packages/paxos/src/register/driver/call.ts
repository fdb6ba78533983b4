import type { Current, Decision, Operation } from "../core/operation.ts";
import type { RegisterOutcome } from "../core/outcome.ts";

/** An operation that somebody waits for. */
export class Call<R> implements Operation<R> {
  readonly key: string;
  readonly kind: "read" | "write";
  deadlineMs: number;
  readonly #decide: (current: Current) => Decision<R>;
  readonly #signal: AbortSignal | undefined;
  #resolve!: (outcome: RegisterOutcome<R>) => void;
  #reject!: (reason: unknown) => void;
  #thrown: { readonly error: unknown } | undefined;
  #onAbort: (() => void) | undefined;

  constructor(
    key: string,
    kind: "read" | "write",
    decide: (current: Current) => Decision<R>,
    deadlineMs: number,
    signal: AbortSignal | undefined,
  ) {
    this.key = key;
    this.kind = kind;
    this.#decide = decide;
    this.deadlineMs = deadlineMs;
    this.#signal = signal;
  }

  /** `abort` is called when the caller's signal aborts before the outcome is there. */
  outcome(abort: () => void): Promise<RegisterOutcome<R>> {
    if (this.#signal) {
      this.#onAbort = abort;
      this.#signal.addEventListener("abort", abort, { once: true });
    }
    return new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  /** What the caller's own function throws is the caller's, and no reason for the node to stop. */
  decide(current: Current): Decision<R> {
    this.#thrown = undefined;
    try {
      return this.#decide(current);
    } catch (error) {
      this.#thrown = { error };
      return { kind: "refuse", outcome: { kind: "rejected", reason: "aborted" } };
    }
  }

  settle(outcome: RegisterOutcome<R>): void {
    if (this.#onAbort) this.#signal!.removeEventListener("abort", this.#onAbort);
    if (this.#thrown && outcome.kind === "rejected") this.#reject(this.#thrown.error);
    else this.#resolve(outcome);
  }
}

/** What an asynchronous call is told besides its value. */
export interface CallContext {
  /** Aborts when the call is given up: it timed out. Made when it is first asked for. */
  readonly signal: AbortSignal;
}

/** One call, until it settles or is given up. */
export class Attempt<Out> implements CallContext {
  readonly deadlineMs: number;
  #abort: AbortController | undefined;
  #fail: ((error: unknown) => void) | undefined;

  constructor(deadlineMs: number) {
    this.deadlineMs = deadlineMs;
  }

  get signal(): AbortSignal {
    this.#abort ??= new AbortController();
    return this.#abort.signal;
  }

  /** Calls one of `succeed` and `fail` once; at once if `call` returned no promise, or threw. */
  run(
    call: () => Out | PromiseLike<Out>,
    succeed: (value: Out) => void,
    fail: (error: unknown) => void,
  ): void {
    this.#fail = fail;
    let returned: Out | PromiseLike<Out>;
    try {
      returned = call();
    } catch (error) {
      return this.#settle(() => fail(error));
    }
    if (!isPromiseLike(returned)) return this.#settle(() => succeed(returned));
    returned.then(
      (value) => this.#settle(() => succeed(value)),
      (error) => this.#settle(() => fail(error)),
    );
  }

  /** What it comes to later has no effect. */
  giveUp(reason: Error): void {
    const fail = this.#fail;
    this.#settle(() => fail?.(reason));
    this.#abort?.abort(reason);
  }

  #settle(then: () => void): void {
    if (!this.#fail) return;
    this.#fail = undefined;
    then();
  }
}

function isPromiseLike<T>(value: T | PromiseLike<T>): value is PromiseLike<T> {
  return typeof (value as PromiseLike<T> | undefined)?.then === "function";
}

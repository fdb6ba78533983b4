import type { CommandResult, RangeResult } from "../operation-result.ts";
import { GaveUp } from "./attempts.ts";
import type { Caller } from "./call.ts";
import type { CallLimits } from "./call-limits.ts";
import { expected } from "./expected.ts";
import { refusedRead, unread } from "./read-task.ts";

/** What a caller wants of a range that was read. */
export type Picked<T> = (result: RangeResult) => T;

/** Whoever waits for a read: one promise, since to read takes less than a few of them. */
export class ReadCall<T> implements Caller<CommandResult> {
  readonly #limits: CallLimits;
  readonly #signal: AbortSignal | undefined;
  readonly #pick: Picked<T>;
  readonly #resolve: (value: T) => void;
  readonly #reject: (error: unknown) => void;

  constructor(
    limits: CallLimits,
    signal: AbortSignal | undefined,
    pick: Picked<T>,
    resolve: (value: T) => void,
    reject: (error: unknown) => void,
  ) {
    this.#limits = limits;
    this.#signal = signal;
    this.#pick = pick;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  ended(result: CommandResult | GaveUp): void {
    this.#limits.leave();
    try {
      this.#resolve(this.#pick(rangeOf(result, this.#signal)));
    } catch (error) {
      this.#reject(error);
    }
  }

  failed(error: unknown): void {
    this.#limits.leave();
    this.#reject(error);
  }
}

/** What a read of a range came to. */
export function rangeOf(
  read: CommandResult | GaveUp,
  signal: AbortSignal | undefined,
): RangeResult {
  if (read instanceof GaveUp) throw unread(read, signal);
  if (read.kind === "refused") throw refusedRead(read);
  return expected(read, "range");
}

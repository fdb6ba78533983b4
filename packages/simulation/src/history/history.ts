import { CheckerError } from "../checker/checker-error.ts";
import type { Invocation, Operation } from "./operation.ts";

export interface HistoryOptions {
  /**
   * Most operations recorded; one more throws `history-full`. A whole number from 1.
   *
   * @default 1_000_000
   */
  readonly maxOperations?: number;
}

export interface HistoryDependencies {
  /**
   * The time of a call or return; must never go back. Calls and returns at one time count as
   * overlapping, so a coarse clock hides violations. Without it, each call and return gets the next
   * number of a sequence: the sharpest order, and right wherever one thread records all clients.
   */
  readonly now?: () => number;
}

/** Names a recorded operation until it is settled. */
export type OperationHandle = number;

type Recorded<Input extends Invocation, Output> =
  | { readonly kind: "open" | "completed"; readonly operation: Operation<Input, Output> }
  | { readonly kind: "failed" };

/**
 * Records what clients asked for and what they got. Call `invoke` before the request can leave, and
 * settle after its answer has come: an interval too long only weakens the check, one too short makes
 * it report violations that are none.
 */
export class History<Input extends Invocation = Invocation, Output = unknown> {
  readonly #recorded: Recorded<Input, Output>[] = [];
  readonly #maxOperations: number;
  readonly #now: () => number;

  constructor(options: HistoryOptions = {}, dependencies: HistoryDependencies = {}) {
    const { maxOperations = 1_000_000 } = options;
    if (!(Number.isInteger(maxOperations) && maxOperations >= 1)) {
      const message = `maxOperations must be a whole number from 1, not ${maxOperations}`;
      throw new CheckerError("invalid-option", message);
    }
    this.#maxOperations = maxOperations;
    let sequence = 0;
    this.#now = dependencies.now ?? (() => sequence++);
  }

  /**
   * An operation begins. If it is never settled, its outcome is unknown: that is what a timeout is.
   * A client whose operation is unknown should go on under another name, as it may overlap.
   *
   * @throws {CheckerError} `history-full`; nothing was recorded.
   */
  invoke(client: string, input: Input): OperationHandle {
    if (this.#recorded.length >= this.#maxOperations) {
      const message = `${this.#maxOperations} operations are recorded (maxOperations)`;
      throw new CheckerError("history-full", message);
    }
    const operation = { client, input, call: this.#now(), return: null };
    return this.#recorded.push({ kind: "open", operation }) - 1;
  }

  /**
   * The operation surely took effect, with this result. Leave `output` out where there is none, or
   * where it does not matter.
   *
   * @throws {CheckerError} `already-settled`
   */
  complete(handle: OperationHandle, output?: Output): void {
    const operation = { ...this.#open(handle), output, return: this.#now() };
    this.#recorded[handle] = { kind: "completed", operation };
  }

  /**
   * The operation surely had no effect, and never will: it is dropped. Where this is not certain,
   * leave the operation open.
   *
   * @throws {CheckerError} `already-settled`
   */
  fail(handle: OperationHandle): void {
    this.#open(handle);
    this.#recorded[handle] = { kind: "failed" };
  }

  /** What was recorded so far, in the order of the calls, without what failed. A copy. */
  get operations(): Operation<Input, Output>[] {
    return this.#recorded.flatMap((each) => (each.kind === "failed" ? [] : [each.operation]));
  }

  #open(handle: OperationHandle): Operation<Input, Output> {
    const recorded = this.#recorded[handle];
    if (recorded?.kind === "open") return recorded.operation;
    const message = `operation ${handle} ${recorded ? `is ${recorded.kind}` : "was not invoked"}`;
    throw new CheckerError("already-settled", message);
  }
}

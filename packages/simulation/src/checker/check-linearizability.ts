import type { Invocation, Operation } from "../history/operation.ts";
import type { Model } from "../models/model.ts";
import { CheckerError } from "./checker-error.ts";
import { ConfigurationMemo } from "./configuration-memo.ts";
import { minimise } from "./minimise.ts";
import { type CheckOptions, validated } from "./options.ts";
import { Search, type SearchBound, type SearchLimits } from "./search.ts";

export type CheckResult<Input extends Invocation = Invocation, Output = unknown> =
  | Linearizable<Input, Output>
  | Violation<Input, Output>
  | Undecided;

export interface Linearizable<Input extends Invocation = Invocation, Output = unknown> {
  readonly kind: "linearizable";
  /**
   * By partition, one order that explains every result. Open operations are in it where the results
   * show that they took effect.
   */
  readonly order: ReadonlyMap<string, readonly Operation<Input, Output>[]>;
}

/** No order of the operations explains what they returned. */
export interface Violation<Input extends Invocation = Invocation, Output = unknown> {
  readonly kind: "violation";
  /** The model's name. */
  readonly model: string;
  /** What the operations are about: their key, in the models here. Empty without partitions. */
  readonly partition: string;
  /**
   * The smallest part of the history that shows it, in the order of the calls; or one as small as
   * five million steps could make it. Operations that were running where the contradiction is
   * complete are open in it.
   */
  readonly subHistory: readonly Operation<Input, Output>[];
  /** The longest order of a part of `subHistory` that explains results. */
  readonly longestOrder: readonly Operation<Input, Output>[];
  /** When this operation of `subHistory` returns, no order can explain all that has returned. */
  readonly unplaced: Operation<Input, Output>;
  /** How many operations the partition has in all. */
  readonly operations: number;
}

/** A bound was met in one partition at least, and no violation was found in the others. */
export interface Undecided {
  readonly kind: "undecided";
  /** The option whose bound was met. */
  readonly reason: SearchBound;
  readonly partition: string;
}

/** Then the violation stays as large as it is. */
const MAX_MINIMISE_STEPS = 5_000_000;

/**
 * Whether the history is linearizable: each operation seems to take effect at once, at some point
 * between its call and its return, as `model` says. Partitions are checked one after the other, and
 * the first violation ends the check. The search is exponential in the number of operations that
 * overlap, and of open ones that change something; partition, and bound both.
 *
 * `operations` may be in any order. Pure: the same history gives the same result.
 *
 * Source: M. Herlihy, J. Wing, "Linearizability: a correctness condition for concurrent objects",
 * TOPLAS 12(3), 1990; see `Search` for the algorithm.
 *
 * @throws {CheckerError} `malformed-history`, `unknown-operation`, `invalid-model`, `invalid-option`
 */
export function checkLinearizability<State, Input extends Invocation, Output>(
  operations: readonly Operation<Input, Output>[],
  model: Model<State, Input, Output>,
  options: CheckOptions = {},
): CheckResult<Input, Output> {
  const { maxMemoryBytes, maxSteps } = validated(options);
  const memo = new ConfigurationMemo(maxMemoryBytes);
  const limits: SearchLimits = { stepsLeft: maxSteps };
  const order = new Map<string, readonly Operation<Input, Output>[]>();
  let undecided: Undecided | undefined;
  for (const [partition, some] of partitions(operations, model)) {
    const result = new Search(some, model, memo, limits).run(false);
    switch (result.kind) {
      case "placed":
        order.set(partition, result.order);
        break;
      case "stuck":
        return violation(partition, some, result.at, model, { memo, maxSteps });
      case "bounded":
        undecided ??= { kind: "undecided", reason: result.bound, partition };
    }
  }
  return undecided ?? { kind: "linearizable", order };
}

function partitions<State, Input extends Invocation, Output>(
  operations: readonly Operation<Input, Output>[],
  model: Model<State, Input, Output>,
): Map<string, Operation<Input, Output>[]> {
  const byPartition = new Map<string, Operation<Input, Output>[]>();
  for (const operation of operations) {
    const partition = model.partition?.(operation.input) ?? "";
    const some = byPartition.get(partition);
    if (some) some.push(operation);
    else byPartition.set(partition, [operation]);
  }
  return byPartition;
}

function violation<State, Input extends Invocation, Output>(
  partition: string,
  operations: readonly Operation<Input, Output>[],
  stuckAt: Operation<Input, Output>,
  model: Model<State, Input, Output>,
  { memo, maxSteps }: { readonly memo: ConfigurationMemo; readonly maxSteps: number },
): Violation<Input, Output> {
  const limits: SearchLimits = { stepsLeft: MAX_MINIMISE_STEPS };
  const small = minimise(operations, stuckAt, model, (some) =>
    new Search(some, model, memo, limits).run(false),
  );
  const subHistory = small.toSorted((a, b) => a.call - b.call);
  const again = new Search(subHistory, model, memo, { stepsLeft: maxSteps }).run(true);
  if (again.kind !== "stuck") {
    const message = `${model.name}: the same operations get another verdict; is it pure?`;
    throw new CheckerError("invalid-model", message);
  }
  return {
    kind: "violation",
    model: model.name,
    partition,
    subHistory,
    longestOrder: again.longest,
    unplaced: again.at,
    operations: operations.length,
  };
}

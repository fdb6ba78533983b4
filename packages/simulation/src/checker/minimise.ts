import type { Invocation, Operation } from "../history/operation.ts";
import type { Model, Scalar } from "../models/model.ts";
import type { SearchResult } from "./search.ts";

type Operations<Input extends Invocation, Output> = readonly Operation<Input, Output>[];

/** A search of these operations, with what the check has left of its bounds. */
type Check<Input extends Invocation, Output> = (
  operations: Operations<Input, Output>,
) => SearchResult<Input, Output>;

/**
 * The smallest history that still has no order, made from one that has none by what cannot bring a
 * violation about: no order of the whole is lost. (Plain leaving out would end at "a read of 1 that
 * nobody wrote", its write left out.) In turn:
 *
 * 1. The history ends at the first return with which there is no order: what is called later is
 *    left out, what returns later is open.
 * 2. Operations that change nothing are left out.
 * 3. Outputs that hinder the next step are forgotten, their operations open, if it then leaves
 *    something out.
 * 4. All operations that share a value are left out together, as far as `Model.values` allows.
 *
 * Where nothing more can go, nothing more could have gone in another turn either: a history that
 * has an order keeps it when more is left out. A search that meets its bound leaves things in.
 */
export function minimise<State, Input extends Invocation, Output>(
  operations: Operations<Input, Output>,
  stuckAt: Operation<Input, Output>,
  model: Model<State, Input, Output>,
  check: Check<Input, Output>,
): Operations<Input, Output> {
  const fails = (kept: Operations<Input, Output>): boolean => check(kept).kind === "stuck";
  const ended = shortest(operations, stuckAt.return as number, fails);
  const kept = withoutReads(ended, model, fails);
  const fewer = withoutValues(withoutOutputs(kept, model, fails), model, fails);
  return fewer.length < kept.length ? fewer : kept;
}

/** No order passes `stuckAt`; but it may be a later return whose result rules orders out. */
function shortest<Input extends Invocation, Output>(
  operations: Operations<Input, Output>,
  stuckAt: number,
  fails: (kept: Operations<Input, Output>) => boolean,
): Operations<Input, Output> {
  const returns = operations.flatMap((each) => each.return ?? []).filter((at) => at >= stuckAt);
  const ends = [...new Set(returns)].sort((a, b) => a - b);
  if (fails(until(stuckAt, operations))) return until(stuckAt, operations);
  let passes = 0;
  let end = ends.length - 1; // all returns: the history that fails
  while (end - passes > 1) {
    const middle = Math.floor((passes + end) / 2);
    if (fails(until(ends[middle] as number, operations))) end = middle;
    else passes = middle;
  }
  return until(ends[end] as number, operations);
}

function until<Input extends Invocation, Output>(
  time: number,
  operations: Operations<Input, Output>,
): Operations<Input, Output> {
  return operations.flatMap((operation) => {
    if (operation.call > time) return [];
    const hasReturned = operation.return !== null && operation.return <= time;
    if (hasReturned || operation.return === null) return [operation];
    return [
      { client: operation.client, input: operation.input, call: operation.call, return: null },
    ];
  });
}

function withoutReads<State, Input extends Invocation, Output>(
  operations: Operations<Input, Output>,
  model: Model<State, Input, Output>,
  fails: (kept: Operations<Input, Output>) => boolean,
): Operations<Input, Output> {
  const isRead = ({ input, output }: Operation<Input, Output>): boolean =>
    model.readOnly?.(input, output) ?? false;
  const reads = leaveOut(operations.filter(isRead), (some) => {
    const needed = new Set(some);
    return fails(operations.filter((each) => !isRead(each) || needed.has(each)));
  });
  const needed = new Set(reads);
  return operations.filter((each) => !isRead(each) || needed.has(each));
}

function withoutOutputs<State, Input extends Invocation, Output>(
  operations: Operations<Input, Output>,
  model: Model<State, Input, Output>,
  fails: (kept: Operations<Input, Output>) => boolean,
): Operations<Input, Output> {
  let kept = operations;
  for (const [at, { input, output }] of operations.entries()) {
    if (model.values?.(input, output) !== "all" || output === undefined) continue;
    if (model.values(input, undefined) === "all") continue;
    // Open, so that it need not have any effect: with another output it might.
    const { output: _, ...rest } = operations[at] as Operation<Input, Output>;
    const without = kept.with(at, { ...rest, return: null });
    if (fails(without)) kept = without;
  }
  return kept;
}

function withoutValues<State, Input extends Invocation, Output>(
  operations: Operations<Input, Output>,
  model: Model<State, Input, Output>,
  fails: (kept: Operations<Input, Output>) => boolean,
): Operations<Input, Output> {
  const values = operations.map(({ input, output }) => model.values?.(input, output) ?? "all");
  if (values.includes("all")) return operations;
  const groupOf = connected(values as readonly (readonly Scalar[])[]);
  const keeping = (groups: ReadonlySet<Scalar>): Operations<Input, Output> =>
    operations.filter((_, at) => {
      const first = values[at]?.[0];
      return first === undefined || groups.has(groupOf(first));
    });
  const all = new Set(
    values.flatMap((some) => (some.length > 0 ? [groupOf(some[0] as Scalar)] : [])),
  );
  const needed = leaveOut([...all], (groups) => fails(keeping(new Set(groups))));
  return keeping(new Set(needed));
}

/** Gives each value the one that stands for all that it is connected with. */
function connected(values: readonly (readonly Scalar[])[]): (value: Scalar) => Scalar {
  const parent = new Map<Scalar, Scalar>();
  const find = (value: Scalar): Scalar => {
    let root = value;
    for (let up = parent.get(root); up !== undefined; up = parent.get(root)) root = up;
    return root;
  };
  for (const [first, ...others] of values) {
    for (const other of others) {
      const [one, another] = [find(first as Scalar), find(other)];
      if (one !== another) parent.set(one, another);
    }
  }
  return find;
}

/**
 * As few of `all` as still fail: tries without halves, then smaller and smaller pieces, then each.
 * Right if what does not fail does not fail with fewer either.
 */
function leaveOut<Item>(
  all: readonly Item[],
  fails: (kept: readonly Item[]) => boolean,
): readonly Item[] {
  if (all.length === 0 || fails([])) return [];
  let kept = all;
  for (let size = Math.ceil(all.length / 2); ; size = Math.ceil(size / 2)) {
    for (let at = 0; at < kept.length;) {
      const without = kept.toSpliced(at, size);
      if (fails(without)) kept = without;
      else at += size;
    }
    if (size === 1) return kept;
  }
}

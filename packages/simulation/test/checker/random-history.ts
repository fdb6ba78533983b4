import fc from "fast-check";
import type { Invocation, Model, Operation } from "../../src/checker/index.ts";

/** What one operation of a really linearizable execution is made from. */
interface Step<Input extends Invocation> {
  readonly input: Input;
  readonly client: number;
  /** How long before it takes effect it was called, and how long after it returns. */
  readonly callBefore: number;
  readonly returnAfter: number;
  readonly outcome: "returns" | "unknown, took effect" | "unknown, no effect";
}

/** An object that really exists: what it answers, and what it becomes. */
export interface Reference<State, Input extends Invocation, Output> {
  readonly initial: State;
  readonly apply: (state: State, input: Input) => readonly [State, Output | undefined];
}

/**
 * Histories of an execution in which every operation takes effect at one point, one after the other:
 * linearizable by construction, with overlaps and unknown outcomes.
 */
export function linearizableHistory<State, Input extends Invocation, Output>(
  reference: Reference<State, Input, Output>,
  input: fc.Arbitrary<Input>,
  maxLength: number,
): fc.Arbitrary<Operation<Input, Output>[]> {
  const step: fc.Arbitrary<Step<Input>> = fc.record({
    input,
    client: fc.nat(3),
    callBefore: fc.nat(35),
    returnAfter: fc.nat(35),
    outcome: fc.oneof(
      { weight: 8, arbitrary: fc.constant("returns" as const) },
      { weight: 1, arbitrary: fc.constant("unknown, took effect" as const) },
      { weight: 1, arbitrary: fc.constant("unknown, no effect" as const) },
    ),
  });
  return fc.array(step, { maxLength }).map((steps) => {
    let state = reference.initial;
    return steps.map((each, at): Operation<Input, Output> => {
      const takesEffect = 10 * at;
      const client = `client ${each.client}`;
      const call = takesEffect - each.callBefore;
      const open = { client, input: each.input, call, return: null };
      if (each.outcome === "unknown, no effect") return open;
      const [next, output] = reference.apply(state, each.input);
      state = next;
      if (each.outcome === "unknown, took effect") return open;
      return { ...open, output, return: takesEffect + each.returnAfter };
    });
  });
}

/** The history with some outputs replaced by others of `output`, some moved in time. */
export function spoilt<Input extends Invocation, Output>(
  history: fc.Arbitrary<Operation<Input, Output>[]>,
  output: fc.Arbitrary<Output | undefined>,
): fc.Arbitrary<Operation<Input, Output>[]> {
  const change = fc.record({ at: fc.nat(6), output, shift: fc.constantFrom(0, 0, -40, 40) });
  return fc.tuple(history, fc.array(change, { maxLength: 3 })).map(([operations, changes]) => {
    const spoiltOperations = [...operations];
    for (const { at, output: other, shift } of changes) {
      const operation = spoiltOperations[at];
      if (!operation || operation.return === null) continue;
      const call = operation.call + shift;
      spoiltOperations[at] = {
        ...operation,
        output: other,
        call,
        return: operation.return + shift,
      };
    }
    return spoiltOperations;
  });
}

/**
 * The definition, word by word, and nothing clever: is there a permutation of all completed and some
 * of the open operations that keeps the order of time and that the model accepts?
 */
export function isLinearizableByBruteForce<State, Input extends Invocation, Output>(
  operations: readonly Operation<Input, Output>[],
  model: Model<State, Input, Output>,
): boolean {
  const isOver = operations.every((each) => each.return === null);
  if (isOver) return true;
  return operations.some((first, at) => {
    const others = operations.toSpliced(at, 1);
    const mustWait = others.some((each) => each.return !== null && each.return < first.call);
    if (mustWait) return false;
    const output = first.return === null ? undefined : first.output;
    const state = model.step(model.initial, first.input, output);
    if (state === undefined) return false;
    return isLinearizableByBruteForce(others, { ...model, initial: state });
  });
}

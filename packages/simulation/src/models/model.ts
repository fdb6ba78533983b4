import { CheckerError } from "../checker/checker-error.ts";
import type { Invocation } from "../history/operation.ts";

/** A value that is told apart by itself, as a `Map` does its keys. */
export type Scalar = string | number | boolean | null;

/**
 * What a sequential object does: the specification that a history is held to. All functions are
 * pure, and states are never changed.
 */
export interface Model<State, Input extends Invocation = Invocation, Output = unknown> {
  readonly name: string;
  /** Not `undefined`, as no state is. */
  readonly initial: State;
  /**
   * The state after `input` took effect in `state` with the result `output`; `undefined` where that
   * cannot be. An `output` of `undefined` stands for any result.
   *
   * @throws {CheckerError} `unknown-operation`
   */
  step(state: State, input: Input, output: Output | undefined): State | undefined;
  /** The same for equal states, and for no others. */
  stateKey(state: State): Scalar;
  /**
   * Which of several independent objects the operation is about; each has its own state. By far the
   * best help to the checker. Without it, all operations are about one object.
   */
  partition?(input: Input): string;
  /**
   * Whether the operation, with this result, leaves every state as it is: a read, a refused
   * compareAndSet. Spares the search branches, and lets such operations be left out of a picture.
   * Without it, none does.
   */
  readOnly?(input: Input, output: Output | undefined): boolean;
  /**
   * The values that the operation writes, took or saw: used to make the picture of a violation
   * small. The promise is that a linearizable history stays so when *every* operation that has a
   * value, or shares one with such an operation, is left out. `"all"`: that is not so while this
   * operation is there. An empty list: this operation stays, and does not hinder. Without it: "all".
   */
  values?(input: Input, output: Output | undefined): readonly Scalar[] | "all";
}

/** Operations on different keys are independent. */
export function byKey(input: Invocation): string {
  return input.key;
}

/** What a model throws at an operation that it does not have. */
export function unknownOperation(model: string, input: Invocation): CheckerError {
  const operation = JSON.stringify(input);
  return new CheckerError("unknown-operation", `the model of a ${model} has no ${operation}`);
}

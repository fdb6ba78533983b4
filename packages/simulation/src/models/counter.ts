import { byKey, type Model, type Scalar, unknownOperation } from "./model.ts";

export type CounterInput =
  | { readonly op: "read"; readonly key: string }
  | { readonly op: "add"; readonly key: string; readonly value: number };

/** Of a read the total; of an add the total after it, or `undefined` where it does not tell. */
export type CounterOutput = number;

/** Counters that start at 0. `value` may be negative; totals are exact up to 2^53. */
export function counterModel(): Model<number, CounterInput, CounterOutput> {
  return { name: "counter", initial: 0, step, stateKey, partition: byKey, readOnly };
}

function step(
  state: number,
  input: CounterInput,
  output: CounterOutput | undefined,
): number | undefined {
  switch (input.op) {
    case "read":
      return output === undefined || output === state ? state : undefined;
    case "add": {
      const total = state + input.value;
      return output === undefined || output === total ? total : undefined;
    }
    default:
      throw unknownOperation("counter", input);
  }
}

function stateKey(state: number): Scalar {
  return state;
}

function readOnly(input: CounterInput): boolean {
  return input.op === "read";
}

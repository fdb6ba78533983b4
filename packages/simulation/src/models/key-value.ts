import { byKey, type Model, type Scalar, unknownOperation } from "./model.ts";

export type KeyValueInput =
  | { readonly op: "get" | "delete"; readonly key: string }
  | { readonly op: "put" | "append"; readonly key: string; readonly value: string }
  | {
      readonly op: "compareAndSet";
      readonly key: string;
      /** `expected: null`: the key must not be there. */
      readonly value: { readonly expected: string | null; readonly update: string };
    };

/**
 * Of a get the value, or `null` where the key is not there; of a delete whether it was; of a
 * compareAndSet whether it matched; of an append the whole value after it. Of a put it is not looked
 * at, and of the others, `undefined` says nothing.
 */
export type KeyValueOutput = string | boolean | null;

/** What a key holds; `null` where it is not there. */
export type KeyValueState = string | null;

/** A key-value store, each key on its own: no ranges and no transactions over several keys. */
export function keyValueModel(): Model<KeyValueState, KeyValueInput, KeyValueOutput> {
  return { name: "key-value", initial: null, step, stateKey, partition: byKey, readOnly, values };
}

function step(
  state: KeyValueState,
  input: KeyValueInput,
  output: KeyValueOutput | undefined,
): KeyValueState | undefined {
  switch (input.op) {
    case "get":
      return answers(output, state) ? state : undefined;
    case "put":
      return input.value;
    case "delete":
      return answers(output, state !== null) ? null : undefined;
    case "append": {
      const appended = (state ?? "") + input.value;
      return answers(output, appended) ? appended : undefined;
    }
    case "compareAndSet": {
      const matches = state === input.value.expected;
      if (!answers(output, matches)) return undefined;
      return matches ? input.value.update : state;
    }
    default:
      throw unknownOperation("key-value", input);
  }
}

function answers(output: KeyValueOutput | undefined, expected: KeyValueOutput): boolean {
  return output === undefined || output === expected;
}

function stateKey(state: KeyValueState): Scalar {
  return state;
}

function readOnly(input: KeyValueInput, output: KeyValueOutput | undefined): boolean {
  if (input.op === "get") return true;
  return (input.op === "delete" || input.op === "compareAndSet") && output === false;
}

function values(
  input: KeyValueInput,
  output: KeyValueOutput | undefined,
): readonly Scalar[] | "all" {
  switch (input.op) {
    case "get":
      return output === undefined ? [] : [output];
    case "put":
      return [input.value];
    case "delete":
      // One that found the key says that any value was there.
      return output === true ? "all" : [null];
    case "append":
      return "all";
    case "compareAndSet":
      return output === false ? "all" : [input.value.expected, input.value.update];
    default:
      throw unknownOperation("key-value", input);
  }
}

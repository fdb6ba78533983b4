import { byKey, type Model, type Scalar, unknownOperation } from "./model.ts";

export type SetInput =
  | { readonly op: "add" | "remove" | "contains"; readonly key: string; readonly value: Scalar }
  | { readonly op: "read"; readonly key: string };

/**
 * Of a read the elements, in any order, each once; of a contains whether it is in; of an add or
 * remove whether that changed the set, or `undefined` where it does not tell.
 */
export type SetOutput = boolean | readonly Scalar[];

/** Sets of values, empty at first. */
export function setModel(): Model<ReadonlySet<Scalar>, SetInput, SetOutput> {
  const initial = new Set<Scalar>();
  return { name: "set", initial, step, stateKey, partition: byKey, readOnly, values };
}

function step(
  state: ReadonlySet<Scalar>,
  input: SetInput,
  output: SetOutput | undefined,
): ReadonlySet<Scalar> | undefined {
  if (input.op === "read") return isContent(output, state) ? state : undefined;
  const has = state.has(input.value);
  switch (input.op) {
    case "contains":
      return output === undefined || output === has ? state : undefined;
    case "add":
      if (output !== undefined && output === has) return undefined;
      return has ? state : new Set(state).add(input.value);
    case "remove":
      if (output !== undefined && output !== has) return undefined;
      return has ? new Set([...state].filter((each) => each !== input.value)) : state;
    default:
      throw unknownOperation("set", input);
  }
}

function isContent(output: SetOutput | undefined, state: ReadonlySet<Scalar>): boolean {
  if (output === undefined) return true;
  if (!Array.isArray(output) || output.length !== state.size) return false;
  const read = new Set<Scalar>(output);
  return read.size === state.size && [...read].every((each) => state.has(each));
}

function stateKey(state: ReadonlySet<Scalar>): Scalar {
  return [...state]
    .map((value) => JSON.stringify(value))
    .sort()
    .join("\n");
}

function readOnly(input: SetInput): boolean {
  return input.op === "read" || input.op === "contains";
}

function values(input: SetInput): readonly Scalar[] | "all" {
  return input.op === "read" ? "all" : [input.value];
}

import { byKey, type Model, type Scalar, unknownOperation } from "./model.ts";

export type RegisterInput =
  | { readonly op: "read"; readonly key: string }
  | { readonly op: "write"; readonly key: string; readonly value: Scalar }
  | {
      readonly op: "compareAndSet";
      readonly key: string;
      readonly value: { readonly expected: Scalar; readonly update: Scalar };
    };

/** Of a read the value, of a compareAndSet whether it matched; of a write it is not looked at. */
export type RegisterOutput = Scalar;

/** Registers that are read, written, and compared and set. `initial` is what each holds at first. */
export function registerModel(
  initial: Scalar = null,
): Model<Scalar, RegisterInput, RegisterOutput> {
  return { name: "register", initial, step, stateKey, partition: byKey, readOnly, values };
}

function step(
  state: Scalar,
  input: RegisterInput,
  output: RegisterOutput | undefined,
): Scalar | undefined {
  switch (input.op) {
    case "read":
      return output === undefined || output === state ? state : undefined;
    case "write":
      return input.value;
    case "compareAndSet": {
      const matches = state === input.value.expected;
      if (output !== undefined && output !== matches) return undefined;
      return matches ? input.value.update : state;
    }
    default:
      throw unknownOperation("register", input);
  }
}

function stateKey(state: Scalar): Scalar {
  return state;
}

function readOnly(input: RegisterInput, output: RegisterOutput | undefined): boolean {
  return input.op === "read" || (input.op === "compareAndSet" && output === false);
}

function values(
  input: RegisterInput,
  output: RegisterOutput | undefined,
): readonly Scalar[] | "all" {
  switch (input.op) {
    case "read":
      return output === undefined ? [] : [output];
    case "write":
      return [input.value];
    case "compareAndSet":
      // One that did not match says that any other value was there.
      return output === false ? "all" : [input.value.expected, input.value.update];
    default:
      throw unknownOperation("register", input);
  }
}

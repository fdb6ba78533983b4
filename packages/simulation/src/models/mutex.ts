import { byKey, type Model, type Scalar, unknownOperation } from "./model.ts";

export type MutexInput =
  /** Takes the lock. */
  | { readonly op: "acquire"; readonly key: string }
  /** Gives the lock back that was taken with the token `value`. */
  | { readonly op: "release"; readonly key: string; readonly value: number }
  /**
   * The lock is taken away from the holder of the token `value` (`null`: from one whose acquire
   * never returned). Record it, and leave it open, with each acquire of a lock that has a lease: so
   * it may be lost at any time from then on.
   */
  | { readonly op: "expire"; readonly key: string; readonly value: number | null }
  /** A write to what the lock protects, which carries the token `value`. */
  | { readonly op: "use"; readonly key: string; readonly value: number };

/**
 * Of an acquire the fencing token, or `null` where another holds the lock (one that gave up for
 * another reason had no effect: record it as failed); of a release whether the lock was held with
 * that token; of a use whether it was let through.
 */
export type MutexOutput = number | boolean | null;

export interface MutexState {
  /** The holder's token; `"unknown"` where its acquire never returned; `null` while free. */
  readonly held: number | "unknown" | null;
  /** The greatest token given out. */
  readonly given: number;
  /** The greatest token that was used. */
  readonly used: number;
}

/**
 * Locks with fencing tokens above 0: at most one holder, each token greater than all before it, and
 * no use let through with a token smaller than one used before.
 *
 * Source: M. Kleppmann, "How to do distributed locking", 2016.
 */
export function mutexModel(): Model<MutexState, MutexInput, MutexOutput> {
  const initial: MutexState = { held: null, given: 0, used: 0 };
  return { name: "mutex", initial, step, stateKey, partition: byKey, readOnly, values };
}

function step(
  state: MutexState,
  input: MutexInput,
  output: MutexOutput | undefined,
): MutexState | undefined {
  switch (input.op) {
    case "acquire":
      return acquire(state, output);
    case "release":
      if (output === false) return state.held === input.value ? undefined : state;
      if (!mayHold(state, input.value)) return output === undefined ? state : undefined;
      return free(state, input.value);
    case "expire":
      if (input.value === null) return state.held === "unknown" ? free(state, 0) : undefined;
      return mayHold(state, input.value) ? free(state, input.value) : undefined;
    case "use": {
      const passes = input.value >= state.used;
      if (output !== undefined && output !== passes) return undefined;
      return passes ? { ...state, used: input.value } : state;
    }
    default:
      throw unknownOperation("mutex", input);
  }
}

function acquire(state: MutexState, output: MutexOutput | undefined): MutexState | undefined {
  if (output === null) return state.held === null ? undefined : state;
  if (state.held !== null) return undefined;
  if (output === undefined) return { ...state, held: "unknown" };
  if (typeof output !== "number" || output <= state.given) return undefined;
  return { ...state, held: output, given: output };
}

/** An acquire that never returned may have got any new token, and its client may know it by now. */
function mayHold({ held, given }: MutexState, token: number): boolean {
  return held === token || (held === "unknown" && token > given);
}

function free(state: MutexState, token: number): MutexState {
  return { ...state, held: null, given: Math.max(state.given, token) };
}

function stateKey({ held, given, used }: MutexState): Scalar {
  return `${held} ${given} ${used}`;
}

function readOnly(input: MutexInput, output: MutexOutput | undefined): boolean {
  if (input.op === "acquire") return output === null;
  return (input.op === "release" || input.op === "use") && output === false;
}

function values(input: MutexInput, output: MutexOutput | undefined): readonly Scalar[] | "all" {
  switch (input.op) {
    case "acquire":
      if (output === undefined) return [];
      return output === null ? "all" : [output];
    case "use":
      return output === false ? "all" : [input.value];
    case "release":
    case "expire":
      return input.value === null ? [] : [input.value];
    default:
      throw unknownOperation("mutex", input);
  }
}

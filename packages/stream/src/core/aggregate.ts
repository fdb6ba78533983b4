/**
 * Folds values into an accumulator that is plain data (what the state codec can encode). `add` and
 * `merge` may change and return what they are given first.
 */
export interface Aggregate<In, Acc, Out> {
  readonly create: () => Acc;
  readonly add: (accumulator: Acc, value: In) => Acc;
  readonly result: (accumulator: Acc) => Out;
  /** Of two windows that became one: needed by session windows only. */
  readonly merge?: (accumulator: Acc, other: Acc) => Acc;
}

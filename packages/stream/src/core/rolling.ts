import type { Channel } from "./channel.ts";
import { KeyedOperator } from "./keyed-operator.ts";
import type { OperatorContext } from "./operator-context.ts";
import type { Key } from "./state/key-groups.ts";

/** How a rolling fold goes on from what it has (undefined at a key's first record). */
export interface Fold<K, In, Acc, Out> {
  readonly add: (before: Acc | undefined, value: In) => Acc;
  readonly result: (accumulator: Acc, key: K) => Out;
}

/** Emits the key's new result for each record: `reduce`, and `aggregate` without a window. */
export class RollingOperator<K extends Key, In, Acc, Out> extends KeyedOperator<K, In, Out> {
  readonly #fold: Fold<K, In, Acc, Out>;
  readonly #slot: number;

  constructor(
    context: OperatorContext,
    next: Channel<Out>,
    keyOf: (value: In) => K,
    fold: Fold<K, In, Acc, Out>,
  ) {
    super(context, next, keyOf);
    this.#fold = fold;
    this.#slot = this.rows.declare("accumulator");
    this.restore();
  }

  record(value: In, timestampMs: number): void {
    const row = this.rows.select(this.keyOf(value));
    const accumulator = this.#fold.add(row.slots[this.#slot] as Acc | undefined, value);
    this.rows.put(this.#slot, accumulator);
    this.next.record(this.#fold.result(accumulator, row.key), timestampMs);
  }

  protected onTimer(): void {
    throw new Error("a rolling fold sets no timer");
  }
}

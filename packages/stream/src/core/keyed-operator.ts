import type { Channel } from "./channel.ts";
import { KeyedCore } from "./keyed-core.ts";
import type { OperatorContext } from "./operator-context.ts";
import type { Key } from "./state/key-groups.ts";

/**
 * An operator with one input, and state and timers by key. It asks for a record's key itself, so in
 * one subtask `keyBy` costs nothing.
 */
export abstract class KeyedOperator<K extends Key, In, Out>
  extends KeyedCore<K, Out>
  implements Channel<In>
{
  protected readonly keyOf: (value: In) => K;

  constructor(context: OperatorContext, next: Channel<Out>, keyOf: (value: In) => K) {
    super(context, next);
    this.keyOf = keyOf;
  }

  abstract record(value: In, timestampMs: number): void;
}

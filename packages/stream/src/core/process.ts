import type { Channel } from "./channel.ts";
import { FunctionOperator, type ProcessContext, type TimerFunction } from "./function-operator.ts";
import type { OperatorContext } from "./operator-context.ts";
import type { Key } from "./state/key-groups.ts";

export interface ProcessFunction<In> extends TimerFunction {
  onRecord(value: In, timestampMs: number): void;
}

/** Called once a subtask, before the first record; states are declared here. */
export type ProcessFactory<K extends Key, In, Out> = (
  context: ProcessContext<K, Out>,
) => ProcessFunction<In>;

export class ProcessOperator<K extends Key, In, Out>
  extends FunctionOperator<K, Out>
  implements Channel<In>
{
  protected readonly timerFunction: ProcessFunction<In>;
  readonly #keyOf: (value: In) => K;

  constructor(
    context: OperatorContext,
    next: Channel<Out>,
    keyOf: (value: In) => K,
    factory: ProcessFactory<K, In, Out>,
  ) {
    super(context, next);
    this.#keyOf = keyOf;
    this.timerFunction = factory(this.processContext());
    this.restore();
  }

  record(value: In, timestampMs: number): void {
    this.timestampMs = timestampMs;
    this.rows.select(this.#keyOf(value));
    this.timerFunction.onRecord(value, timestampMs);
  }
}

import type { Channel } from "./channel.ts";
import { FunctionOperator, type ProcessContext, type TimerFunction } from "./function-operator.ts";
import { Inputs, type InputsState } from "./inputs.ts";
import type { OperatorContext } from "./operator-context.ts";
import type { Key } from "./state/key-groups.ts";

/** State and timers are of one key, whichever side its records come from. */
export interface CoProcessFunction<Left, Right> extends TimerFunction {
  onLeft(value: Left, timestampMs: number): void;
  onRight(value: Right, timestampMs: number): void;
}

/** Called once a subtask, before the first record; states are declared here. */
export type CoProcessFactory<K extends Key, Left, Right, Out> = (
  context: ProcessContext<K, Out>,
) => CoProcessFunction<Left, Right>;

/** How each side finds its key. */
export interface CoKeys<K, Left, Right> {
  readonly left: (value: Left) => K;
  readonly right: (value: Right) => K;
}

/** Two inputs of different types, one state. */
export class CoProcessOperator<K extends Key, Left, Right, Out> extends FunctionOperator<K, Out> {
  readonly inputs: Inputs;
  protected readonly timerFunction: CoProcessFunction<Left, Right>;

  constructor(
    context: OperatorContext,
    next: Channel<Out>,
    keys: CoKeys<K, Left, Right>,
    factory: CoProcessFactory<K, Left, Right, Out>,
  ) {
    super(context, next);
    const process = factory(this.processContext());
    this.timerFunction = process;
    this.inputs = new Inputs(this, [
      (value: Left, timestampMs) => {
        this.timestampMs = timestampMs;
        this.rows.select(keys.left(value));
        process.onLeft(value, timestampMs);
      },
      (value: Right, timestampMs) => {
        this.timestampMs = timestampMs;
        this.rows.select(keys.right(value));
        process.onRight(value, timestampMs);
      },
    ]);
    this.restore();
  }

  protected override own(): InputsState {
    return this.inputs.state;
  }

  protected override restoreOwn(own: readonly unknown[]): void {
    const { subtask, subtasks } = this.context;
    this.inputs.restore(own as readonly InputsState[], subtask, subtasks);
  }
}

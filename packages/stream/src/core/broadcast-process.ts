import type { Channel } from "./channel.ts";
import { FunctionOperator, type ProcessContext, type TimerFunction } from "./function-operator.ts";
import { Inputs, type InputsState } from "./inputs.ts";
import type { OperatorContext } from "./operator-context.ts";
import type { Key } from "./state/key-groups.ts";

export interface BroadcastProcessFunction<In, Rule, StateKey, StateValue> extends TimerFunction {
  onRecord(value: In, timestampMs: number): void;
  /**
   * `state` is the broadcast state, here to be written. There is no current key: states and timers
   * must not be used. All subtasks are given the same broadcast records and must do the same, so that
   * their broadcast states are the same.
   */
  onBroadcast(value: Rule, timestampMs: number, state: Map<StateKey, StateValue>): void;
}

/** `state` is the broadcast state: plain data, kept whole in each checkpoint. */
export type BroadcastProcessFactory<K extends Key, In, Rule, StateKey, StateValue, Out> = (
  context: ProcessContext<K, Out>,
  state: ReadonlyMap<StateKey, StateValue>,
) => BroadcastProcessFunction<In, Rule, StateKey, StateValue>;

interface OwnState {
  readonly inputs: InputsState;
  readonly broadcast: ReadonlyMap<unknown, unknown>;
}

/** A keyed input, and one that all subtasks are given whole. */
export class BroadcastProcessOperator<
  K extends Key,
  In,
  Rule,
  StateKey,
  StateValue,
  Out,
> extends FunctionOperator<K, Out> {
  readonly inputs: Inputs;
  protected readonly timerFunction: BroadcastProcessFunction<In, Rule, StateKey, StateValue>;
  readonly #broadcast = new Map<StateKey, StateValue>();

  constructor(
    context: OperatorContext,
    next: Channel<Out>,
    keyOf: (value: In) => K,
    factory: BroadcastProcessFactory<K, In, Rule, StateKey, StateValue, Out>,
  ) {
    super(context, next);
    const process = factory(this.processContext(), this.#broadcast);
    this.timerFunction = process;
    this.inputs = new Inputs(this, [
      (value: In, timestampMs) => {
        this.timestampMs = timestampMs;
        this.rows.select(keyOf(value));
        process.onRecord(value, timestampMs);
      },
      (value: Rule, timestampMs) => {
        this.timestampMs = timestampMs;
        this.rows.leave();
        process.onBroadcast(value, timestampMs, this.#broadcast);
      },
    ]);
    this.restore();
  }

  protected override own(): OwnState {
    return { inputs: this.inputs.state, broadcast: this.#broadcast };
  }

  protected override restoreOwn(own: readonly unknown[]): void {
    const { subtask, subtasks } = this.context;
    const states = own as readonly OwnState[];
    this.inputs.restore(
      states.map(({ inputs }) => inputs),
      subtask,
      subtasks,
    );
    // It is the same in all subtasks: the barrier is at one place of the broadcast stream.
    for (const [key, value] of (states[0] as OwnState).broadcast) {
      this.#broadcast.set(key as StateKey, value as StateValue);
    }
  }
}

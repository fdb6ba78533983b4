import type { Channel } from "../channel.ts";
import type { Flow } from "../flow.ts";
import { Inputs, type InputsState, type Port } from "../inputs.ts";
import type { OperatorContext } from "../operator-context.ts";
import { NO_GROUPS } from "../state/layer.ts";
import { BatchCursor, type ExchangeBatch } from "./exchange-batch.ts";

export type GateContext = Pick<
  OperatorContext,
  "subtask" | "subtasks" | "restored" | "codec" | "keep"
>;

/**
 * The reading end of an edge between subtasks: a queue for each writer, as one input. A writer's queue
 * is not read on after a barrier until all have come to theirs; credits bound it.
 */
export class ExchangeGate {
  /** Since the start of the subtask. */
  batchesIn = 0;
  readonly #context: GateContext;
  readonly #flow: Flow;
  readonly #inputs: Inputs;
  readonly #ports: readonly Port[];
  readonly #queues: ExchangeBatch[][];
  readonly #onHandedOn: (writer: number) => void;
  #current: { readonly writer: number; readonly cursor: BatchCursor } | undefined;
  #next = 0;
  #isEnded = false;
  readonly #isHeld = (): boolean => this.#flow.blocked > 0;

  /** `flow`: where this gate is. */
  constructor(
    context: GateContext,
    flow: Flow,
    next: Channel<never>,
    onHandedOn: (writer: number) => void,
  ) {
    const { subtask, subtasks, restored, codec } = context;
    this.#context = context;
    this.#flow = flow;
    this.#onHandedOn = onHandedOn;
    const handler = (value: never, timestampMs: number): void => next.record(value, timestampMs);
    this.#inputs = new Inputs(
      {
        watermark: (ms) => next.watermark(ms),
        idle: () => next.idle(),
        barrier: (checkpointId) => this.#barrier(checkpointId, next),
        end: () => {
          this.#isEnded = true;
          next.end();
        },
      },
      Array.from({ length: subtasks }, () => handler),
    );
    this.#ports = this.#inputs.channels as readonly Port[];
    this.#queues = this.#ports.map(() => []);
    const states = (restored.at(-1)?.own ?? []).map((own) => codec.decode(own) as InputsState);
    if (states.length > 0) this.#inputs.restore(states, subtask, subtasks);
  }

  /** All writers have ended, and all of theirs was handed on. */
  get isEnded(): boolean {
    return this.#isEnded;
  }

  receive(writer: number, batch: ExchangeBatch): void {
    this.#queues[writer]?.push(batch);
  }

  /** Writers whose next batch, or the rest of one, could be handed on now. */
  ready(): readonly number[] {
    if (this.#isHeld()) return [];
    if (this.#current) return [this.#current.writer];
    return this.#queues.flatMap((queue, writer) => {
      return queue.length > 0 && this.#ports[writer]?.isBlocked === false ? [writer] : [];
    });
  }

  /** Hands on one batch, or as much of it as there is room for; writers take turns. */
  handOn(ready: readonly number[] = this.ready()): void {
    const writer = ready.find((one) => one >= this.#next) ?? ready[0];
    if (writer === undefined) return;
    this.#current ??= this.#begin(writer);
    const port = this.#ports[writer] as Port;
    if (!this.#current.cursor.handOn(port, this.#isHeld)) return;
    this.#current = undefined;
    this.#onHandedOn(writer);
  }

  #begin(writer: number): { readonly writer: number; readonly cursor: BatchCursor } {
    this.#next = (writer + 1) % this.#queues.length;
    this.batchesIn++;
    const batch = this.#queues[writer]?.shift() as ExchangeBatch;
    return { writer, cursor: new BatchCursor(batch, this.#context.codec) };
  }

  #barrier(checkpointId: number, next: Channel<never>): void {
    const own = this.#context.codec.encode(this.#inputs.state);
    this.#context.keep(checkpointId, { groups: NO_GROUPS, own: [own] });
    next.barrier(checkpointId);
  }
}

import type { Channel } from "./channel.ts";
import type { Deferral, Deferred } from "./deferred.ts";
import type { Flow } from "./flow.ts";
import type { OutputTag } from "./output-tag.ts";
import type { StateMigrations } from "./state/migrations.ts";
import type { OperatorLayer, StateCodec } from "./state/layer.ts";

/** Processing time of a job. It stands still between two ticks: a record costs no clock call. */
export interface ProcessingTime {
  readonly nowMs: number;
  /** `listener` is called at each tick, in the order of the graph. */
  onTick(listener: (nowMs: number) => void): void;
}

/** How much state an operator has in its subtask. */
export interface StateSize {
  /** Keys that have any. */
  readonly rows: number;
  readonly timers: number;
}

/** What a running operator may touch besides its input and output. */
export interface OperatorContext {
  /** Unique in its pipeline, and the same in the next version of the program. */
  readonly id: string;
  readonly subtask: number;
  readonly subtasks: number;
  /** Into how many groups keys are hashed: the most subtasks there can ever be. */
  readonly keyGroups: number;
  readonly codec: StateCodec;
  readonly processingTime: ProcessingTime;
  /**
   * What checkpoints hold of this operator, oldest first; none at a fresh start. Only the key groups
   * of this subtask, but what belongs to no key of all subtasks that there were.
   */
  readonly restored: readonly OperatorLayer[];
  /** Of states whose values have changed their form since a version of the program before. */
  readonly migrations: StateMigrations;
  /** Called at a barrier, before it is handed on, with one `own`: that of this subtask. */
  keep(checkpointId: number, layer: OperatorLayer): void;
  /** Counts a record that came too late to have its effect. */
  countLate(): void;
  /** Called once, at the start, by an operator that hands records on later than they come. */
  defer(deferred: Deferred): Deferral;
  /** While it is blocked, what can wait should: timers that are due. */
  readonly flow: Flow;
  /**
   * The operator stopped in the middle of firing its timers. Nothing more comes to it, but ticks, until
   * `resume`, called once there is room, has returned true: all is through.
   */
  stop(resume: () => boolean): void;
  /** `look` tells what is in the operator's state; asked for metrics, between two records. */
  observe(look: () => StateSize): void;
  /** Where records of a side output go; control events reach it with the main output's. */
  sideOutput<T>(tag: OutputTag<T>): Channel<T>;
}

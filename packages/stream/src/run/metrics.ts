import type { OperatorCounts } from "../core/operator-counts.ts";
import type { Graph } from "../graph.ts";

/** What one operator has done since the run's last (re)start, over all subtasks. */
export interface OperatorMetrics {
  /** Counted only if the run is observed, but for sources and sinks. */
  readonly recordsIn: number;
  /** What readers of its main output were given; 0 if there are none. */
  readonly recordsOut: number;
  /** Too late for what the operator does by event time. */
  readonly lateRecords: number;
  /** Skipped, or dead letters. */
  readonly failedRecords: number;
  /** -Infinity before the first; the least of all subtasks. */
  readonly watermarkMs: number;
  /** How far it is behind the clock; NaN before the first watermark and after the last. */
  readonly watermarkLagMs: number;
  /** Keys that have state. */
  readonly stateRows: number;
  readonly timers: number;
}

export interface CheckpointMetrics {
  readonly completed: number;
  readonly failed: number;
  /** Of the newest: -1 and 0s before there is one. */
  readonly lastId: number;
  readonly lastMs: number;
  /** What it added. */
  readonly lastBytes: number;
}

export interface PipelineMetrics {
  readonly operators: ReadonlyMap<string, OperatorMetrics>;
  /** Shares of the time since the last (re)start, 0 to 1, of the subtask that has most of it. */
  readonly backpressureShare: number;
  readonly busyShare: number;
  readonly checkpoints: CheckpointMetrics;
  readonly restarts: number;
}

/** What a subtask tells of itself. */
export interface SubtaskMetrics {
  readonly operators: ReadonlyMap<string, OperatorCounts>;
  readonly heldMs: number;
  readonly idleMs: number;
  readonly totalMs: number;
}

export function pipelineMetrics(
  graph: Graph,
  subtasks: readonly SubtaskMetrics[],
  nowMs: number,
  rest: Pick<PipelineMetrics, "checkpoints" | "restarts">,
): PipelineMetrics {
  const operators = new Map<string, OperatorMetrics>();
  graph.forEach(({ id }, at) => {
    const counts = subtasks.flatMap((one) => one.operators.get(id) ?? []);
    const reader = graph.find(({ inputs }) => {
      return inputs.some(({ from, tag }) => from === at && tag === undefined);
    });
    const readers = subtasks.flatMap((one) => one.operators.get(reader?.id ?? "") ?? []);
    const watermarkMs = Math.min(...counts.map((one) => one.watermarkMs));
    const sum = (of: (one: OperatorCounts) => number, all = counts): number =>
      all.reduce((total, one) => total + of(one), 0);
    operators.set(id, {
      recordsIn: sum((one) => one.recordsIn),
      recordsOut: sum((one) => one.recordsIn, readers),
      lateRecords: sum((one) => one.lateRecords),
      failedRecords: sum((one) => one.failedRecords),
      watermarkMs,
      watermarkLagMs: Number.isFinite(watermarkMs) ? nowMs - watermarkMs : Number.NaN,
      stateRows: sum((one) => one.state.rows),
      timers: sum((one) => one.state.timers),
    });
  });
  const share = (of: (one: SubtaskMetrics) => number): number =>
    Math.max(0, ...subtasks.map((one) => (one.totalMs > 0 ? of(one) / one.totalMs : 0)));
  return {
    operators,
    backpressureShare: share(({ heldMs }) => heldMs),
    busyShare: share(({ totalMs, heldMs, idleMs }) => totalMs - heldMs - idleMs),
    ...rest,
  };
}

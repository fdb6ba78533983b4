import { type Clock, systemClock } from "@quorate/runtime";
import type { CheckpointStore } from "../checkpoint/checkpoint-store.ts";
import { memoryCheckpoints } from "../checkpoint/memory-checkpoints.ts";
import type { Savepoint } from "../checkpoint/savepoint.ts";
import type { ErrorPolicy } from "../core/record-place.ts";
import type { StateCodec } from "../core/state/layer.ts";
import { StreamError } from "../stream-error.ts";
import { v8Codec } from "../v8-codec.ts";
import type { PipelineMetrics } from "./metrics.ts";
import { exponentialDelay, type RestartStrategy } from "./restart-strategy.ts";

export interface RunOptions {
  /** Where checkpoints are kept. @default in memory: they outlive a failure, not the process */
  readonly checkpoints?: CheckpointStore;
  /** From the start of a checkpoint to that of the next; Infinity: only at the end. @default 10000 */
  readonly checkpointIntervalMs?: number;
  /** From the end of a checkpoint to the start of the next, at least. @default 0 */
  readonly minPauseMs?: number;
  /** A checkpoint that takes longer fails the run, which restarts. @default 600000 */
  readonly checkpointTimeoutMs?: number;
  /** Checkpoints in a row that may fail to be stored, before the run fails. @default 0 */
  readonly maxFailedCheckpoints?: number;
  /** Where a run without a checkpoint begins. @default nowhere: from the sources' starts */
  readonly from?: Savepoint;
  /** Operators of the checkpoint whose state may be dropped: the pipeline has them no more. */
  readonly allowDropped?: readonly string[];
  /** @default exponentialDelay() */
  readonly restart?: RestartStrategy;
  /** What becomes of records that operators fail on; `DataStream.onError` goes before. @default "fail" */
  readonly onError?: ErrorPolicy;
  /** How state, and records between threads, become bytes. @default V8's structured clone */
  readonly codec?: StateCodec;
  /** Into how many groups keys are hashed: the most subtasks ever. For good: state is kept by it. @default 128 */
  readonly keyGroups?: number;
  /** Records after which a sink is written before more is read. @default 8192 */
  readonly sinkRecords?: number;
  /** Event time by which one source may be ahead of the slowest, within a subtask. @default Infinity */
  readonly maxDriftMs?: number;
  /** Longest time between two looks at the clock, for timers of processing time. @default 20 */
  readonly tickMs?: number;
  /**
   * Counts records of each operator, and names the one that failed. A short chain of plain functions
   * runs up to a third faster without.
   *
   * @default true
   */
  readonly isObserved?: boolean;
  /** Cancels the run. */
  readonly signal?: AbortSignal;
  /** Told each `metricsIntervalMs`. */
  readonly onMetrics?: (metrics: PipelineMetrics) => void;
  /** @default 10000 */
  readonly metricsIntervalMs?: number;
  /** Told of each failure that a restart follows. */
  readonly onRestart?: (failure: unknown) => void;
  readonly clock?: Clock;
}

export type CheckedRunOptions = Required<
  Omit<RunOptions, "from" | "signal" | "onMetrics" | "onRestart">
> &
  Pick<RunOptions, "from" | "signal" | "onMetrics" | "onRestart">;

/** @throws {StreamError} `invalid-option` */
export function checkRunOptions(options: RunOptions): CheckedRunOptions {
  const checked: CheckedRunOptions = {
    checkpoints: memoryCheckpoints(options.codec),
    checkpointIntervalMs: 10_000,
    minPauseMs: 0,
    checkpointTimeoutMs: 600_000,
    maxFailedCheckpoints: 0,
    allowDropped: [],
    restart: exponentialDelay(),
    onError: "fail",
    codec: v8Codec,
    keyGroups: 128,
    sinkRecords: 8192,
    maxDriftMs: Infinity,
    tickMs: 20,
    isObserved: true,
    metricsIntervalMs: 10_000,
    clock: systemClock,
    ...options,
  };
  const above = ["checkpointIntervalMs", "checkpointTimeoutMs", "tickMs", "metricsIntervalMs"];
  for (const name of [...above, "maxDriftMs"])
    check(checked, name, (value) => value > 0, "above 0");
  for (const name of ["minPauseMs", "maxFailedCheckpoints"]) {
    check(checked, name, (value) => value >= 0, "0 or above");
  }
  for (const name of ["keyGroups", "sinkRecords"]) {
    const isWhole = (value: number): boolean => Number.isInteger(value) && value > 0;
    check(checked, name, isWhole, "a whole number above 0");
  }
  return checked;
}

function check(
  options: object,
  name: string,
  isRight: (value: number) => boolean,
  rule: string,
): void {
  const value = (options as Readonly<Record<string, number>>)[name] as number;
  if (isRight(value)) return;
  throw new StreamError("invalid-option", `${name} must be ${rule}, not ${value}`);
}

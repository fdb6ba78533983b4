/**
 * Stream processing in Flink's words: event time, watermarks, keyed state, timers, windows, and
 * checkpoints after which each record has had its effect exactly once.
 *
 * @example
 * ```ts
 * import {
 *   boundedDisorder, createPipeline, fromArray, MemorySink, runForTest, tumbling,
 * } from "@quorate/stream";
 *
 * const orders = [
 *   { district: "north", cents: 1200, atMs: 1_000 },
 *   { district: "north", cents: 800, atMs: 59_000 },
 *   { district: "south", cents: 500, atMs: 61_000 },
 * ];
 * const revenue = new MemorySink<{ district: string; minute: number; cents: number }>();
 * const pipeline = createPipeline();
 * pipeline
 *   .from(fromArray(orders), { watermarks: boundedDisorder(({ atMs }) => atMs, 5_000) })
 *   .keyBy(({ district }) => district)
 *   .window(tumbling(60_000))
 *   .aggregate(
 *     { create: () => 0, add: (sum, { cents }) => sum + cents, result: (sum) => sum },
 *     (cents, { key, startMs }) => ({ district: key, minute: startMs / 60_000, cents }),
 *   )
 *   .named("revenue per minute")
 *   .to(revenue, "revenue");
 * await runForTest(pipeline);
 * console.log(revenue.committed);
 * ```
 *
 * @packageDocumentation
 */
export type { AsyncCall, AsyncMapOptions } from "./async/async-map-options.ts";
export type { CallContext } from "./async/attempt.ts";
export type { LookupCacheOptions } from "./async/lookup-cache.ts";
export type { LookupJoin } from "./async/lookup-join.ts";
export type { BroadcastConnectedStreams, BroadcastStream } from "./broadcast-stream.ts";
export type { ConnectedKeyedStreams, ConnectedStreams } from "./connected-streams.ts";
export type { Aggregate } from "./core/aggregate.ts";
export type { Interval } from "./core/joins/interval-join.ts";
export type { TemporalJoinOptions } from "./core/joins/temporal-join.ts";
export { type OutputTag, outputTag } from "./core/output-tag.ts";
export type {
  BroadcastProcessFactory,
  BroadcastProcessFunction,
} from "./core/broadcast-process.ts";
export type { CoProcessFactory, CoProcessFunction } from "./core/co-process.ts";
export type { DeduplicateOptions } from "./core/deduplicate.ts";
export type { ProcessContext, TimerFunction } from "./core/function-operator.ts";
export type { ProcessFactory, ProcessFunction } from "./core/process.ts";
export type { Key } from "./core/state/key-groups.ts";
export type {
  AggregatingState,
  KeyedStates,
  ListState,
  MapState,
  ValueState,
} from "./core/state/states.ts";
export type { TimeToLive } from "./core/state/time-to-live.ts";
export type { TimeDomain } from "./core/time/key-timer.ts";
export {
  boundedDisorder,
  type BoundedDisorderOptions,
  noEventTime,
  punctuated,
  type WatermarkOptions,
  type WatermarkStrategy,
} from "./core/time/watermarks.ts";
export type { Ranked, TopNOptions } from "./core/top-n.ts";
export {
  global,
  session,
  sliding,
  tumbling,
  type WindowAssigner,
  type WindowOptions,
} from "./core/windows/assigners.ts";
export {
  countEvictor,
  type Evictor,
  type EvictorOptions,
  timeEvictor,
  type WindowElement,
} from "./core/windows/evictors.ts";
export {
  continuousTrigger,
  countTrigger,
  eventTimeTrigger,
  everyCountTrigger,
  neverTrigger,
  processingTimeTrigger,
  type Trigger,
  type TriggerContext,
  type TriggerResult,
} from "./core/windows/triggers.ts";
export type { Window } from "./core/windows/window.ts";
export type { WindowOf } from "./core/windows/window-operator.ts";
export type {
  Batch,
  Sink,
  SinkContext,
  SinkWriter,
  Source,
  SourceContext,
  SourceReader,
} from "./connector.ts";
export type { DataStream } from "./data-stream.ts";
export type { JoinedStreams, JoinedWindows } from "./joined-streams.ts";
export type { KeyedStream } from "./keyed-stream.ts";
export { fromArray, type FromArrayOptions, MemorySink } from "./memory-connector.ts";
export { createPipeline, type FromOptions, type Pipeline } from "./pipeline.ts";
export type {
  CheckpointStore,
  NewCheckpoint,
  SavedCheckpoint,
} from "./checkpoint/checkpoint-store.ts";
export type { Checkpoint } from "./checkpoint/checkpoint.ts";
export { memoryCheckpoints } from "./checkpoint/memory-checkpoints.ts";
export type { Savepoint } from "./checkpoint/savepoint.ts";
export {
  savepointFolder,
  type SavepointFolder,
  type SavepointFolderOptions,
} from "./checkpoint/savepoint-folder.ts";
export { fileCheckpoints, type FileCheckpointsOptions } from "./checkpoint/file-checkpoints.ts";
export {
  type DeadLetter,
  deadLetter,
  type ErrorPolicy,
  type RecordPlace,
} from "./core/record-place.ts";
export type { StateMigration } from "./core/state/migrations.ts";
export type { CheckpointLayer, OperatorLayer, StateCodec } from "./core/state/layer.ts";
export type { CheckpointMetrics, OperatorMetrics, PipelineMetrics } from "./run/metrics.ts";
export type { PipelineRun, RunEnd, SavepointTarget } from "./run/pipeline-run.ts";
export {
  exponentialDelay,
  type ExponentialDelayOptions,
  fixedDelay,
  type FixedDelayOptions,
  noRestart,
  type RestartStrategy,
} from "./run/restart-strategy.ts";
export type { RunOptions } from "./run/run-options.ts";
export { runPipeline } from "./run/run-pipeline.ts";
export type { PipelineProgram } from "./run/threads/load-program.ts";
export { type ProgramOptions, runProgram } from "./run/threads/run-program.ts";
export { type Crash, runForTest, type TestRunOptions } from "./run-for-test.ts";
export { StreamError, type StreamErrorCode } from "./stream-error.ts";
export type { WindowedStream, WindowFunction } from "./windowed-stream.ts";

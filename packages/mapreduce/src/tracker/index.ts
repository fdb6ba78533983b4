/**
 * How an executor uses the tracker; threads of one machine, for instance:
 *
 * ```ts
 * const tracker = new Tracker<MapReport>({ maps: splits, reduces: 4 }, { speculation: false });
 * const tell = (input: TrackerInput<MapReport>): void => {
 *   for (const effect of tracker.apply(input, clock.now())) carryOut(effect);
 * };
 * for (const thread of threads) tell({ kind: "worker-joined", worker: thread.id, host: "", slots: 1 });
 * ```
 *
 * - `start`: run it; then tell `attempt-finished`, or `attempt-failed` (`retry: false` for what another
 *   try cannot mend). A reduce attempt gets `tracker.mapOutputs().flatMap(({ report }) =>
 *   report.segments.filter(ofItsPartition))`: the reports as you gave them, in the order of the maps.
 * - `cancel`: stop it (terminate the thread, and tell `worker-lost` and `worker-joined` under another
 *   name if you must), remove its folder. `forget`: remove its folder.
 * - `commit`: let the committer commit it; then tell `committed` or `commit-failed`. Never from within
 *   `carryOut`, where the effects of the input before are still being carried out: queue it.
 * - `job-finished`: commit the job; `tracker.totals()` has its counters. `job-failed`: abort it.
 * - Progress: `tracker.progressed(worker, attempt, now)`. About once a second:
 *   `for (const input of tracker.due(now)) tell(input)`.
 */
export { type AttemptId, attemptName, type TaskKind } from "./attempt.ts";
export type { JobTotals, PhaseTotals } from "./totals.ts";
export { type TrackedJob, Tracker } from "./tracker.ts";
export type * from "./tracker-effect.ts";
export type * from "./tracker-input.ts";
export type { SpeculationOptions, TrackerOptions } from "./tracker-options.ts";
export type { JobOutcome, TrackerState } from "./tracker-state.ts";

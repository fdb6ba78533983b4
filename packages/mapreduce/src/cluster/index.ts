/**
 * A job on many machines: a master that hands out attempts, and workers that run them and fetch each
 * other's map output, over any `Transport` of `@quorate/transport`.
 *
 * @packageDocumentation
 */
export { type Master, type MasterDependencies, startMaster } from "./master.ts";
export type { MasterOptions } from "./master-options.ts";
export type { JobOutput, JobPlan, PlannedSplit } from "./job-plan.ts";
export { clusterJob, type ClusterJob, type ClusterJobOptions } from "./cluster-job.ts";
export { type ThreadTasks, threadTasks } from "./thread-tasks.ts";
export { committedOutput } from "./committed-output.ts";
export type { JobJournal, OpenedJournal } from "./job-journal.ts";
export { fileJournal, type FileJournalDependencies } from "./file-journal.ts";
export { ReplicatedJournal } from "./replicated-journal.ts";
export { JournalMachine } from "./journal-machine.ts";
export { startWorker, type Worker, type WorkerDependencies } from "./worker.ts";
export type { WorkerOptions } from "./worker-options.ts";
export type {
  CheckedSegment,
  RunTask,
  TaskRequest,
  TaskResult,
  WorkerEnvironment,
} from "./run-task.ts";
export type { MapSource } from "./map-source.ts";
export type {
  AttemptId,
  JobOutcome,
  JobTotals,
  PhaseTotals,
  SpeculationOptions,
  TaskError,
  TaskKind,
  TrackerOptions,
  TrackerState,
} from "../tracker/index.ts";

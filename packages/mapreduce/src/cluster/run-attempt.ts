import { MapReduceError, type MapReduceErrorCode } from "../mapreduce-error.ts";
import { taskError } from "../task/task-error.ts";
import type { TaskError } from "../tracker/index.ts";
import { FetchError, type Fetching, fetchSegments } from "./fetch-segments.ts";
import type { Assignment, Ended } from "./protocol.ts";
import type { RunTask, TaskResult, WorkerEnvironment } from "./run-task.ts";

/** What a worker runs all its attempts with. */
export interface AttemptDependencies extends Fetching {
  readonly runTask: RunTask;
}

/** What one attempt has to itself. */
export interface AttemptPlace extends Pick<WorkerEnvironment, "folder" | "onProgress"> {
  readonly signal: AbortSignal;
}

/** Errors that another try, here or elsewhere, has again. */
const FINAL: readonly MapReduceErrorCode[] = ["invalid-job", "bad-record", "record-too-large"];

/**
 * Runs an attempt to its end, which is told as it is: it does not reject. What a map has put out is
 * served from then on. Undefined when the attempt was ended by the signal.
 */
export async function runAttempt(
  assignment: Assignment,
  place: AttemptPlace,
  dependencies: AttemptDependencies,
): Promise<Ended | undefined> {
  const { attempt } = assignment;
  const { signal } = place;
  const { clock, outputs } = dependencies;
  const startedAtMs = clock.now();
  try {
    const { report, segments = [] } = await resultOf(assignment, place, dependencies);
    if (signal.aborted) return undefined;
    if (attempt.kind === "map") outputs.add(attempt, segments);
    return { kind: "attempt-finished", attempt, report, tookMs: clock.now() - startedAtMs };
  } catch (error) {
    if (signal.aborted) return undefined;
    if (error instanceof FetchError) return { kind: "fetch-failed", attempt, maps: error.maps };
    const retry = !(error instanceof MapReduceError && FINAL.includes(error.code));
    return { kind: "attempt-failed", attempt, error: plain(error), retry };
  }
}

async function resultOf(
  assignment: Assignment,
  place: AttemptPlace,
  dependencies: AttemptDependencies,
): Promise<TaskResult> {
  const { attempt, spec } = assignment;
  const { folder, signal } = place;
  const { disk, runTask, settings } = dependencies;
  disk.makeFolder(folder);
  const environment = { ...place, disk, memoryBytes: settings.memoryBytes };
  if (assignment.kind === "map") {
    const { source, split, partitions, ranges } = assignment;
    const input = { source, split, partitions, ...(ranges && { ranges }) };
    return runTask({ spec, work: { ...attempt, kind: "map", ...input }, sources: [] }, environment);
  }
  const { sources } = assignment;
  const segments = await fetchSegments(attempt.task, sources, folder, signal, dependencies);
  return runTask({ spec, work: { ...attempt, kind: "reduce", segments }, sources }, environment);
}

/** Without its stack and cause, which are of this machine. */
function plain(error: unknown): TaskError {
  const { code, message, place } = taskError(error);
  return { code, message, ...(place && { place }) };
}

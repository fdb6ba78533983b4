import type { ReduceJob } from "../job/job.ts";
import type { LoadedJob } from "../task/loaded-job.ts";
import { runMapTask } from "../task/run-map-task.ts";
import { runReduceTask } from "../task/run-reduce-task.ts";
import type { MapReport, TaskEnvironment, TaskReport } from "../task/task.ts";
import type { Assignment } from "./worker.ts";

export function runAssignment(
  loaded: LoadedJob,
  { work, folder, outputFolder }: Assignment,
  environment: Omit<TaskEnvironment, "folder">,
): Promise<MapReport | TaskReport> {
  return work.kind === "map"
    ? runMapTask(loaded, work, { ...environment, folder }, outputFolder)
    : runReduceTask(loaded as LoadedJob<ReduceJob>, work, { ...environment, folder }, outputFolder);
}

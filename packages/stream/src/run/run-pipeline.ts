import type { Pipeline } from "../pipeline.ts";
import { PipelineRun } from "./pipeline-run.ts";
import { checkRunOptions, type RunOptions } from "./run-options.ts";
import { SubtaskLoop } from "./subtask-loop.ts";

/**
 * Runs a pipeline in this thread, until its sources end or it is stopped; from the newest checkpoint
 * of `checkpoints`, if there is one. Each record has its effect exactly once, on state and in sinks
 * that take part, whatever fails and restarts.
 *
 * @throws {StreamError} `invalid-option`; what fails later is in `done`
 */
export function runPipeline(pipeline: Pipeline, options: RunOptions = {}): PipelineRun {
  const checked = checkRunOptions(options);
  const { graph } = pipeline;
  return new PipelineRun(graph, checked, (restored, events) => [
    new SubtaskLoop(graph, { ...checked, restored }, events(0)),
  ]);
}

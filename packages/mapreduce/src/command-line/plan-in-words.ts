import { planned } from "../executors/job-plan.ts";
import { jobOfStep, loadJobModule } from "../executors/job-reference.ts";
import { type RunOptions, validated } from "../executors/run-options.ts";
import { inBytes } from "./amounts.ts";

const MAX_LISTED = 50;

/**
 * What a job would do: of a chain, its first job, since the input of the others is not there yet.
 *
 * @throws {MapReduceError} as running it would.
 */
export async function planInWords(
  module: URL,
  options: RunOptions,
  asJson: boolean,
): Promise<string> {
  const settings = validated(options, false);
  const loaded = await loadJobModule(module.href);
  const job = jobOfStep(loaded, { number: 0, ...(settings.input && { input: settings.input }) });
  const { maps, reduces, totalBytes } = await planned(job, settings);
  const { workers, taskBytes, output } = settings;
  if (asJson) {
    const splits = maps.map(({ source, split }) => ({ source, ...split }));
    return JSON.stringify({
      job: job.name,
      output,
      workers,
      taskBytes,
      reduces,
      totalBytes,
      splits,
    });
  }
  const size = totalBytes === undefined ? "of unknown size" : `of ${inBytes(totalBytes)}`;
  const left = maps.length - MAX_LISTED;
  return [
    `${job.name}: ${maps.length} map tasks ${size}, ${reduces} reduce tasks, ` +
      `${workers} threads with ${inBytes(taskBytes)} each, into ${output}`,
    ...maps.slice(0, MAX_LISTED).map(({ split: { file, start, end } }, task) => {
      return `  map ${task}: ${file}, bytes ${start} to ${end ?? "its end"}`;
    }),
    ...(left > 0 ? [`  and ${left} more`] : []),
  ].join("\n");
}

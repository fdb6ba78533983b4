import type { MapReport, MapWork, TaskEnvironment } from "./task.ts";
import { BadRecords } from "./bad-records.ts";
import type { LoadedJob } from "./loaded-job.ts";
import { pairMap } from "./pair-map.ts";
import { type RecordMap, recordMap } from "./record-map.ts";
import { readRecords } from "./read-records.ts";
import { TaskCounters } from "./task-counters.ts";
import { taskError } from "./task-error.ts";

/**
 * Maps the records of one split. Where the job has a reduce, its pairs are in sorted runs in the
 * environment's folder then, as the report tells; else its part of the output is in `outputFolder`.
 *
 * A record that is set aside leaves nothing behind: neither what it had emitted or written before it
 * failed, nor what it had counted.
 *
 * @throws {MapReduceError} `bad-record`, `record-too-large`, `invalid-input`, `no-space`,
 *   `task-failed`, `aborted`. What was written is left to whoever owns the folders.
 */
export async function runMapTask(
  loaded: LoadedJob,
  work: MapWork,
  environment: TaskEnvironment,
  outputFolder: string,
): Promise<MapReport> {
  const { maxBadRecords } = environment.options;
  const badRecords = new BadRecords(maxBadRecords);
  const counters = new TaskCounters(badRecords.areAllowed);
  const { job, side } = loaded;
  const context = { side, count: counters.count };
  let map: RecordMap | undefined;
  try {
    map =
      job.kind === "reduce"
        ? pairMap(job, work, environment, context)
        : recordMap(job, work, environment, context, outputFolder);
    const { input } = job.sources[work.source]!;
    const read = await readRecords({ input, map, work, environment, counters, badRecords });
    const done = map.finish();
    return {
      ...read,
      ...done,
      counters: counters.toJSON(),
      skipped: badRecords.count,
      ...(badRecords.count > 0 && { badRecords: badRecords.kept }),
    };
  } catch (error) {
    map?.abandon();
    throw taskError(map?.failure?.error ?? error);
  }
}

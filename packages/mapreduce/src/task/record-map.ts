import type { InputRecord } from "../job/input-record.ts";
import type { MapJob } from "../job/job.ts";
import type { TaskContext } from "../job/task-context.ts";
import type { MapReport, MapWork, TaskEnvironment } from "./task.ts";

/** What a map task does with its records. */
export interface RecordMap {
  /** @throws what the job's code throws. What came of the record counts after `keep`. */
  map(record: InputRecord): void;
  keep(): void;
  /** Forgets what came of the record. */
  drop(): void;
  /** What makes the whole task fail, whatever has become of it in the job's code. */
  readonly failure: { readonly error: unknown } | undefined;
  finish(): Pick<MapReport, "recordsOut" | "bytesOut" | "spills" | "segments">;
  abandon(): void;
}

/** The map of a job without a reduce: it writes a part of the output. */
export function recordMap(
  job: MapJob,
  work: MapWork,
  { disk, options }: TaskEnvironment,
  context: TaskContext<unknown>,
  folder: string,
): RecordMap {
  const { map } = job.sources[work.source]!;
  const out = job.output.open({ disk, folder, part: work.task });
  const staged: unknown[] = [];
  let recordsOut = 0;
  let failure: RecordMap["failure"];
  const write = (record: unknown): void => {
    try {
      out.write(record);
      recordsOut++;
    } catch (error) {
      failure ??= { error };
      throw error;
    }
  };
  const isStaged = options.maxBadRecords > 0;
  const take = isStaged ? (record: unknown): void => void staged.push(record) : write;
  return {
    map: (record) => map(record, take, context),
    keep() {
      for (const record of staged) write(record);
      staged.length = 0;
    },
    drop: () => void (staged.length = 0),
    get failure() {
      return failure;
    },
    finish() {
      out.close();
      return { recordsOut, bytesOut: out.bytes, spills: 0, segments: [] };
    },
    abandon: () => out.abandon(),
  };
}

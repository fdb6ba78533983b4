import type { Emitter } from "../job/emitter.ts";
import type { InputRecord } from "../job/input-record.ts";
import type { Job, MapJob, ReduceJob } from "../job/job.ts";
import { RecordView } from "../job/record-view.ts";
import { MapReduceError } from "../mapreduce-error.ts";
import { mapFailure } from "../task/job-code-error.ts";
import type { JobConf } from "./job-conf.ts";
import { outputToLines } from "./output-to-lines.ts";
import { PairLineWriter } from "./pair-lines.ts";
import { type StreamingPart, streamingPart, type StreamingTask } from "./streaming-task.ts";

/**
 * The mapper of a job on Hadoop Streaming: each line of `stdin` is a record, each pair a line of
 * `stdout`, see `PairLineWriter`; of a job without a reduce, what it writes. The job's own inputs are
 * not read: Hadoop's are. Which of several sources lines are for is told by settings
 * (`-D quorate.source.0=/orders/`): the first one whose text is in the input file's name.
 */
export const streamingMap: StreamingPart = streamingPart(async (job, task) => {
  const source = sourceOf(job, task.conf);
  if (job.kind === "reduce") await mapPairs(job, source, task);
  else await mapRecords(job, source, task);
});

async function mapPairs(job: ReduceJob, source: number, task: StreamingTask): Promise<void> {
  const writer = new PairLineWriter(job, task.output.lines);
  const pairs: Emitter<unknown, unknown> = {
    emit: (key, value) => writer.write(key, value),
    emitBytes: (bytes, start, end, value) => writer.writeBytes(bytes, start, end, value),
  };
  const { map } = job.sources[source]!;
  const context = { side: task.side, count: task.reporter.count };
  await eachRecord(task, (record) => map(record, pairs, context));
}

async function mapRecords(job: MapJob, source: number, task: StreamingTask): Promise<void> {
  const writer = outputToLines(job.output, task.conf.partition, task.output.lines);
  const write = (record: unknown): void => writer.write(record);
  const { map } = job.sources[source]!;
  const context = { side: task.side, count: task.reporter.count };
  await eachRecord(task, (record) => map(record, write, context));
  writer.close();
}

async function eachRecord(
  { conf, lines, output, reporter }: StreamingTask,
  map: (record: InputRecord) => void,
): Promise<void> {
  const record = new RecordView(conf.inputFile);
  let records = 0;
  for await (const batch of lines) {
    record.useBatch(batch);
    for (let index = 0; index < batch.count; index++) {
      record.moveTo(index);
      try {
        map(record);
      } catch (error) {
        throw mapFailure(error, record.place);
      }
      if (output.isFull) await output.flush();
    }
    records += batch.count;
    reporter.progress(records);
  }
}

function sourceOf({ sources, name }: Job, conf: JobConf): number {
  if (sources.length === 1) return 0;
  const found = sources.findIndex((_, index) => {
    const part = conf.get(`quorate.source.${index}`);
    return part !== undefined && part !== "" && conf.inputFile.includes(part);
  });
  if (found >= 0) return found;
  throw new MapReduceError(
    "invalid-job",
    `job "${name}" has ${sources.length} sources, and no setting says which ${conf.inputFile} is ` +
      "for; set -D quorate.source.0=, quorate.source.1= and so on to parts of the names of files",
  );
}

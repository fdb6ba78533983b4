import { randomUUID } from "node:crypto";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ByteSink } from "../codec/byte-sink.ts";
import { systemDisk } from "../disk/system-disk.ts";
import type { ReduceJob } from "../job/job.ts";
import type { RecordWriter } from "../output/output.ts";
import { reduceFailure } from "../task/job-code-error.ts";
import { GroupSpool } from "./group-spool.ts";
import { outputToLines } from "./output-to-lines.ts";
import { FieldReader, pairLine } from "./pair-lines.ts";
import { SameKey } from "./same-key.ts";
import {
  reduceJob,
  type StreamingPart,
  streamingPart,
  type StreamingTask,
} from "./streaming-task.ts";

/**
 * The reducer of a job on Hadoop Streaming: it is given sorted lines, as the job's mapper or combiner
 * writes them, groups those with the same key, and writes what the job's reduce does of each. Lines
 * must be sorted by their bytes (`LC_ALL=C sort`); of a job with a secondary sort by two fields, see
 * the package's README. The values of one key beyond some megabytes wait in a temporary file.
 */
export const streamingReduce: StreamingPart = streamingPart(async (job, task) => {
  const reducer = new LineReducer(reduceJob(job), task);
  try {
    await reducer.run();
  } finally {
    reducer.close();
  }
});

class LineReducer {
  readonly #job: ReduceJob;
  readonly #task: StreamingTask;
  readonly #writer: RecordWriter<unknown>;
  readonly #write: (record: unknown) => void;
  readonly #context: Parameters<ReduceJob["reduce"]>[3];
  readonly #fields = new FieldReader();
  readonly #group = new SameKey();
  readonly #spool = new GroupSpool(systemDisk, join(tmpdir(), `quorate-reduce-${randomUUID()}`));
  readonly #keyBytes = new ByteSink();

  constructor(job: ReduceJob, task: StreamingTask) {
    const { side, conf, output, reporter } = task;
    this.#job = job;
    this.#task = task;
    this.#writer = outputToLines(job.output, conf.partition, output.lines);
    this.#write = (record) => this.#writer.write(record);
    this.#context = { side, count: reporter.count };
  }

  async run(): Promise<void> {
    const { lines, output, reporter } = this.#task;
    const hasOrder = this.#job.sort !== undefined;
    let records = 0;
    for await (const { bytes, starts, ends, count } of lines) {
      for (let index = 0; index < count; index++) {
        const start = starts[index]!;
        const end = ends[index]!;
        const { keyEnd, valueStart } = pairLine(bytes, start, end, hasOrder);
        if (!this.#group.has(bytes, start, keyEnd)) {
          this.#reduceGroup();
          this.#group.start(bytes, start, keyEnd);
          if (output.isFull) await output.flush();
        }
        this.#spool.add(bytes, valueStart, end);
      }
      records += count;
      reporter.progress(records);
    }
    this.#reduceGroup();
    this.#writer.close();
  }

  close(): void {
    this.#spool.close();
  }

  #reduceGroup(): void {
    if (!this.#group.isStarted) return;
    const sink = this.#keyBytes;
    sink.length = 0;
    this.#group.readKey(sink);
    const key = this.#job.key.read(sink.bytes, 0, sink.length);
    try {
      this.#job.reduce(key, this.#values(), this.#write, this.#context);
    } catch (error) {
      throw reduceFailure(error, key);
    }
    this.#spool.clear();
  }

  *#values(): Iterable<unknown> {
    const { value: codec } = this.#job;
    for (const bytes of this.#spool.values()) {
      yield this.#fields.value(codec, bytes, 0, bytes.length);
    }
  }
}

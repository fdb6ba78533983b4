import type { Readable, Writable } from "node:stream";
import { chunkSource } from "../input/byte-source.ts";
import type { RecordBatch } from "../input/input.ts";
import { readLines } from "../input/line-reader.ts";
import type { Job, ReduceJob } from "../job/job.ts";
import { MapReduceError } from "../mapreduce-error.ts";
import { setUp } from "../task/loaded-job.ts";
import { taskError } from "../task/task-error.ts";
import { type Environment, type JobConf, jobConf } from "./job-conf.ts";
import { LineOutput } from "./line-output.ts";
import { Reporter } from "./reporter.ts";

/** What a task of Hadoop Streaming has to do with the world. */
export interface StreamingTask {
  readonly side: unknown;
  readonly conf: JobConf;
  readonly output: LineOutput;
  readonly reporter: Reporter;
  /** The lines of standard input. */
  readonly lines: AsyncIterable<RecordBatch>;
}

/** A longer line fails the task. */
const MAX_LINE_BYTES = 256 * 1_024 * 1_024;
const FAILED = 1;
/** As a shell says it of a program that wrote to a pipe nobody reads. */
const BROKEN_PIPE = 128 + 13;

/**
 * A part of a job as Hadoop Streaming runs it: a process with its streams and environment.
 *
 * @returns the exit code: 0, or 1 when it failed, which `stderr` says more of, or 141 when nobody
 *   reads `stdout` any more.
 */
export type StreamingPart = (
  job: Job,
  stdin: Readable,
  stdout: Writable,
  stderr: Writable,
  env: Environment,
) => Promise<number>;

/** What `run` does of a job's part, with what any part says, counts and answers at its end. */
export function streamingPart(
  run: (job: Job, task: StreamingTask) => Promise<void>,
): StreamingPart {
  return (job, stdin, stdout, stderr, env) =>
    runStreaming(job, stdin, stdout, stderr, env, (task) => run(job, task));
}

async function runStreaming(
  job: Job,
  stdin: Readable,
  stdout: Writable,
  stderr: Writable,
  env: Environment,
  task: (task: StreamingTask) => Promise<void>,
): Promise<number> {
  const output = new LineOutput(stdout);
  const reporter = new Reporter(stderr, job.name);
  const conf = jobConf(env);
  try {
    const { side } = await setUp(job);
    const split = { file: conf.inputFile, start: 0, end: null };
    const options = { maxRecordBytes: MAX_LINE_BYTES, keepsMark: true };
    const lines = readLines(chunkSource(stdin), split, options);
    await task({ side, conf, output, reporter, lines });
    await output.end();
    reporter.tellCounters();
    return 0;
  } catch (error) {
    if ((error as NodeJS.ErrnoException | null)?.code === "EPIPE") return BROKEN_PIPE;
    const { code, message, cause } = taskError(error);
    stderr.write(`quorate-mapreduce: ${code}: ${message}\n`);
    if (cause instanceof Error && cause.stack) stderr.write(`${cause.stack}\n`);
    return FAILED;
  } finally {
    output.close();
  }
}

/** @throws {MapReduceError} `invalid-job` for a job without a reduce. */
export function reduceJob(job: Job): ReduceJob {
  if (job.kind === "reduce") return job;
  throw new MapReduceError(
    "invalid-job",
    `job "${job.name}" has no reduce; run its map alone, with -numReduceTasks 0`,
  );
}

/** One task of Hadoop Streaming as a process: `task.ts map|combine|reduce JOB`, as the command line has it. */
import { pathToFileURL } from "node:url";
import { loadJobModule } from "../../src/executors/job-reference.ts";
import { streamingCombine, streamingMap, streamingReduce } from "../../src/streaming/index.ts";

const tasks = { map: streamingMap, combine: streamingCombine, reduce: streamingReduce };
const [, , kind, path] = process.argv;

async function main(): Promise<void> {
  const job = await loadJobModule(pathToFileURL(path ?? "").href);
  if (job.kind === "chain") throw new Error("a chain is run job by job");
  const task = tasks[kind as keyof typeof tasks];
  process.exitCode = await task(job, process.stdin, process.stdout, process.stderr, process.env);
}

void main();

import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { isChain } from "../job/chain.ts";
import { loadJobModule } from "../executors/job-reference.ts";
import { MapReduceError } from "../mapreduce-error.ts";
import { streamingCombine, streamingMap, streamingReduce } from "../streaming/index.ts";

type Role = "map" | "combine" | "reduce";

const PARTS = { map: streamingMap, combine: streamingCombine, reduce: streamingReduce };

/** Sets `process.exitCode`: Hadoop takes any but 0 for a failed task. @throws {MapReduceError} */
export async function runStreamingCommand(role: Role, path: string): Promise<void> {
  const job = await loadJobModule(pathToFileURL(resolve(path)).href);
  if (isChain(job)) {
    throw new MapReduceError("invalid-job", "a chain is several jobs: run each of them by itself");
  }
  const { stdin, stdout, stderr, env } = process;
  process.exitCode = await PARTS[role](job, stdin, stdout, stderr, env);
}

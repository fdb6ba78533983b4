import { defineBench, measured, type Sample } from "@quorate/bench";
import { systemClock } from "@quorate/runtime";
import { runProgram } from "../src/index.ts";

const BATCH = 1_024;

/** Lines of JSON, parsed, filtered (a tenth passes) and counted by key, on one thread and on two. */
export default defineBench(async (options) => {
  const batches = options.runs === 1 ? 1_000 : 4_000;
  return [
    await measured(options, {
      case: "parse, filter, exchange, count on two threads",
      unit: "M/s",
      ours: () => onThreads(2, batches),
      peers: { "one thread": () => onThreads(1, batches) },
      goal: ({ ours, peers }) => {
        const goal = 1.6 * peers["one thread"];
        return { goal, met: ours >= goal };
      },
    }),
  ];
});

async function onThreads(parallelism: number, batches: number): Promise<Sample> {
  const program = new URL("./programs/parse-and-count.ts", import.meta.url);
  const time = async (count: number): Promise<number> => {
    const beforeMs = systemClock.now();
    await (
      await runProgram(program, { parallelism, argument: { batches: count } })
    ).done;
    return systemClock.now() - beforeMs;
  };
  // What threads take to start, and to load the program, is not what is asked for.
  const startMs = await time(parallelism);
  const tookMs = (await time(batches)) - startMs;
  return { value: (batches * BATCH) / tookMs / 1_000 };
}

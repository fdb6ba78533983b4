import { type SimulationTarget, swarmTarget } from "@quorate/simulation";
import { MAPREDUCE_COVERAGE } from "./mapreduce-coverage.ts";
import { MapReduceRun } from "./mapreduce-run.ts";

/**
 * Jobs on a cluster whose workers and masters crash, pause and are cut off, whose disks and programs
 * fail: each result is byte for byte what a naive program gives, each task is committed once, each
 * counter counted once, no attempt runs twice, and all that is left is done once nothing goes wrong.
 */
const target: SimulationTarget = swarmTarget<object>({
  name: "mapreduce",
  coverage: MAPREDUCE_COVERAGE,
  clusterSizes: [5, 7],
  durationMs: 30_000,
  faults: [
    "crash",
    "kill",
    "pause",
    "partition",
    "clog",
    "slow",
    "disconnect",
    "clock-rate",
    "clock-jump",
    "disk-full",
    "disk-errors",
  ],
  begin: (context) => new MapReduceRun(context),
});

export default target;

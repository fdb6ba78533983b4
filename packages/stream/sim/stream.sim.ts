import type { SimulationTarget } from "@quorate/simulation";
import { STREAM_COVERAGE } from "./stream-coverage.ts";
import { StreamRun } from "./stream-run.ts";

/**
 * Pipelines that are drawn, on a process that crashes, stops and goes on with another parallelism,
 * whose sources, sinks, operators and store fail: what the sinks have committed in the end is what a
 * naive program makes of the same records, each once, those of a key in their order.
 * One machine has no core to heal: both modes are the same.
 */
const target: SimulationTarget = {
  name: "stream",
  coverage: STREAM_COVERAGE,
  run: (seed, options) => new StreamRun(seed, options).run(),
};

export default target;

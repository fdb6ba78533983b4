/** Prints p50, p99 and p99.9 of one scenario under one policy, or the oracle: medians over seeds. */
import { POLICY_NAMES } from "../src/core/policy-options.ts";
import {
  policyOf,
  SCENARIOS,
  simulate,
  type SimulateOptions,
  type SimulationResult,
} from "../src/simulation/index.ts";

const [scenario = "", wanted = "oracle", seeds = "1", ejects = ""] = process.argv.slice(2);
const make = SCENARIOS.find((one) => one(1).name === scenario) ?? SCENARIOS[0];
const kind = POLICY_NAMES.find((name) => name === wanted);
const options: SimulateOptions = ejects === "ejects" ? { outlierDetection: {} } : {};

const results = Array.from({ length: Number(seeds) }, (_, at) =>
  simulate(make(at + 1), kind ? policyOf({ kind }) : "oracle", { ...options, seed: at + 1 }),
);
const median = (of: (result: SimulationResult) => number): number =>
  results.map(of).sort((a, b) => a - b)[results.length >> 1] as number;
console.log(
  JSON.stringify({
    p50Ms: median((result) => result.p50Ms),
    p99Ms: median((result) => result.p99Ms),
    p999Ms: median((result) => result.p999Ms),
    failedPercent: median(({ failed, succeeded }) => (100 * failed) / (failed + succeeded)),
  }),
);

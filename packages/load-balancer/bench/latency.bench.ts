import { writeFile } from "node:fs/promises";
import { type Bench, type BenchOptions, defineBench, type Row } from "@quorate/bench";
import { POLICY_NAMES, type PolicyName } from "../src/core/policy-options.ts";
import {
  type MakePolicy,
  type MakeScenario,
  policyOf,
  SCENARIOS,
  simulate,
  type SimulationResult,
} from "../src/simulation/index.ts";
import { heatmap } from "./heatmap.ts";

/** 20 with the five runs that are the default. */
const SEEDS_PER_RUN = 4;
const QUICK_SEEDS = 2;
const DEFAULT: PolicyName = "adaptive";
const GOAL = 2;
/** They go by keys, which the simulated requests have not: there they would be random. */
const BY_KEY: readonly PolicyName[] = ["ring-hash", "maglev", "bounded-load"];
const PLOT = new URL("../../../docs/images/load-balancer.svg", import.meta.url);

/** Medians over the seeds: the simulation repeats itself, so there is nothing to run twice. */
interface Medians {
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly p999Ms: number;
}

function medians(make: MakeScenario, policy: MakePolicy | "oracle", seeds: number): Medians {
  const results = Array.from({ length: seeds }, (_, at) =>
    simulate(make(at + 1), policy, { seed: at + 1 }),
  );
  const median = (of: (result: SimulationResult) => number): number =>
    results.map(of).sort((a, b) => a - b)[seeds >> 1] as number;
  return {
    p50Ms: median((result) => result.p50Ms),
    p99Ms: median((result) => result.p99Ms),
    p999Ms: median((result) => result.p999Ms),
  };
}

function rowsOf(name: string, policy: PolicyName, ours: Medians, oracle: Medians): readonly Row[] {
  const goal = GOAL * oracle.p99Ms;
  return [
    {
      case: `simulated p99, ${name}, ${policy}`,
      unit: "ms",
      value: ours.p99Ms,
      p50Ms: ours.p50Ms,
      p99Ms: ours.p99Ms,
      peers: { oracle: oracle.p99Ms },
      ...(policy === DEFAULT && { goal, met: ours.p99Ms <= goal }),
    },
    {
      case: `simulated p99.9, ${name}, ${policy}`,
      unit: "ms",
      value: ours.p999Ms,
      peers: { oracle: oracle.p999Ms },
    },
  ];
}

function isWanted({ case: filter = "" }: BenchOptions, name: string, policy: string): boolean {
  const cases = [`simulated p99, ${name}, ${policy}`, `simulated p99.9, ${name}, ${policy}`];
  return cases.some((text) => text.toLowerCase().includes(filter.toLowerCase()));
}

const bench: Bench = defineBench(async (options) => {
  const seeds = options.quick ? QUICK_SEEDS : SEEDS_PER_RUN * options.runs;
  const policies = POLICY_NAMES.filter((name) => !BY_KEY.includes(name));
  const rows: Row[] = [];
  const ratios: number[][] = policies.map(() => []);
  for (const make of SCENARIOS) {
    const { name } = make(1);
    const wanted = policies.filter((policy) => isWanted(options, name, policy));
    if (wanted.length === 0) continue;
    process.stderr.write(`${name}: ${seeds} seeds of ${wanted.length} policies\n`);
    const oracle = medians(make, "oracle", seeds);
    for (const kind of wanted) {
      const ours = medians(make, policyOf({ kind }), seeds);
      rows.push(...rowsOf(name, kind, ours, oracle));
      ratios[policies.indexOf(kind)]?.push(ours.p99Ms / oracle.p99Ms);
    }
  }
  if (!options.quick && !options.case) {
    const names = SCENARIOS.map((make) => make(1).name);
    await writeFile(PLOT, heatmap("p99 as a multiple of the oracle's", policies, names, ratios));
  }
  return rows;
});
export default bench;

import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { type Bench, type BenchOptions, defineBench, type Row } from "@quorate/bench";
import { POLICY_NAMES, type PolicyName } from "../src/core/policy-options.ts";
import { SCENARIOS } from "../src/simulation/index.ts";
import { heatmap } from "./heatmap.ts";

/** 20 with the five runs that are the default. */
const SEEDS_PER_RUN = 4;
const QUICK_SEEDS = 2;
const DEFAULT: PolicyName = "adaptive";
const GOAL = 2;
/** They go by keys, which the simulated requests have not: there they would be random. */
const BY_KEY: readonly PolicyName[] = ["ring-hash", "maglev", "bounded-load"];
const PLOT = new URL("../../../docs/images/load-balancer.svg", import.meta.url);
const PROGRAM = fileURLToPath(new URL("latency-of.ts", import.meta.url));

/** Medians over the seeds: the simulation repeats itself, so there is nothing to run twice. */
interface Medians {
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly p999Ms: number;
  readonly failedPercent: number;
}

/** What one row is about. */
interface Subject {
  readonly scenario: string;
  readonly policy: PolicyName | "oracle";
  /** With each client's own ejection of outliers, by its defaults. */
  readonly ejects: boolean;
}

const bench: Bench = defineBench(async (options) => {
  const seeds = options.quick ? QUICK_SEEDS : SEEDS_PER_RUN * options.runs;
  const all = subjects();
  const wanted = all.filter((subject) => isWanted(options, subject));
  const scenarios = [...new Set(wanted.map(({ scenario }) => scenario))];
  const oracles = scenarios.map((scenario): Subject => {
    return { scenario, policy: "oracle", ejects: false };
  });
  const found = await simulated([...oracles, ...wanted], seeds);
  const oracleOf = new Map(scenarios.map((name, at) => [name, found[at] as Medians]));
  const rows = wanted.flatMap((subject, at) => {
    const ours = found[oracles.length + at] as Medians;
    return rowsOf(subject, ours, oracleOf.get(subject.scenario) as Medians);
  });
  if (!options.quick && wanted.length === all.length) await draw(rows);
  return rows;
});
export default bench;

/** All policies by themselves; the black holes also with ejection, for it is meant for them. */
function subjects(): readonly Subject[] {
  const policies = POLICY_NAMES.filter((name) => !BY_KEY.includes(name));
  const names = SCENARIOS.map((make) => make(1).name);
  return names.flatMap((scenario) =>
    (scenario.includes("black hole") ? [false, true] : [false]).flatMap((ejects) =>
      policies.map((policy) => ({ scenario, policy, ejects })),
    ),
  );
}

/** In as many processes as there are processors. */
async function simulated(all: readonly Subject[], seeds: number): Promise<readonly Medians[]> {
  const found: Medians[] = [];
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let at = next++; at < all.length; at = next++) {
      const { scenario, policy, ejects } = all[at] as Subject;
      process.stderr.write(`${at + 1} of ${all.length}: ${scenario}, ${policy}, ${seeds} seeds\n`);
      const args = [PROGRAM, scenario, policy, String(seeds), ...(ejects ? ["ejects"] : [])];
      const { stdout } = await promisify(execFile)(process.execPath, [
        ...process.execArgv,
        ...args,
      ]);
      found[at] = JSON.parse(stdout) as Medians;
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, worker));
  return found;
}

function caseOf({ scenario, policy, ejects }: Subject, percentile: string): string {
  return `simulated ${percentile}, ${scenario}, ${policy}${ejects ? " with ejection" : ""}`;
}

function isWanted({ case: filter = "" }: BenchOptions, subject: Subject): boolean {
  return ["p99", "p99.9", "failures"].some((percentile) =>
    caseOf(subject, percentile).toLowerCase().includes(filter.toLowerCase()),
  );
}

function rowsOf(subject: Subject, ours: Medians, oracle: Medians): readonly Row[] {
  const goal = GOAL * oracle.p99Ms;
  const { failedPercent } = ours;
  return [
    {
      case: caseOf(subject, "p99"),
      unit: "ms",
      value: ours.p99Ms,
      p50Ms: ours.p50Ms,
      p99Ms: ours.p99Ms,
      peers: { oracle: oracle.p99Ms },
      ...(subject.policy === DEFAULT && { goal, met: ours.p99Ms <= goal }),
    },
    {
      case: caseOf(subject, "p99.9"),
      unit: "ms",
      value: ours.p999Ms,
      peers: { oracle: oracle.p999Ms },
    },
    ...(failedPercent > 0
      ? [{ case: caseOf(subject, "failures"), unit: "%", value: failedPercent, peers: {} }]
      : []),
  ];
}

async function draw(rows: readonly Row[]): Promise<void> {
  const policies = POLICY_NAMES.filter((name) => !BY_KEY.includes(name));
  const scenarios = SCENARIOS.map((make) => make(1).name);
  const ratios = policies.map((policy) =>
    scenarios.map((scenario) => {
      const wanted = caseOf({ scenario, policy, ejects: false }, "p99");
      const row = rows.find((one) => one.case === wanted);
      return (row?.value ?? Number.NaN) / (row?.peers["oracle"] ?? Number.NaN);
    }),
  );
  await writeFile(PLOT, heatmap("p99 as a multiple of the oracle's", policies, scenarios, ratios));
}

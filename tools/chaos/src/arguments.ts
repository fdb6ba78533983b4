import { parsed, UsageError } from "@quorate/command-line";

const DEFAULT_WORKLOAD: WorkloadName = "kv";

/** In the order in which they are listed; what each does is in docs/chaos.md. */
export const FAULTS = [
  "kill",
  "pause",
  "partition",
  "slow",
  "clock",
  "fsync-error",
  "disk-full",
  "power-cut",
] as const;

export type FaultName = (typeof FAULTS)[number];

/** What clients do meanwhile. */
export const WORKLOADS = ["kv", "lock"] as const;

export type WorkloadName = (typeof WORKLOADS)[number];

export const USAGE =
  "usage: pnpm chaos [--minutes M] [--nodes 3|5] [--consensus raft|paxos] [--seed S]\n" +
  "                  [--history FILE] [--json]\n" +
  `                  [--workload ${WORKLOADS.join(",")}]   (default: ${DEFAULT_WORKLOAD})\n` +
  `                  [--faults ${FAULTS.join(",")}]`;

/** The command line, understood. */
export interface Command {
  /** How long faults are injected; starting, healing and checking come on top. */
  readonly minutes: number;
  readonly nodes: number;
  readonly consensus: "raft" | "paxos";
  readonly workloads: readonly WorkloadName[];
  readonly faults: readonly FaultName[];
  readonly seed: number;
  readonly history: string | undefined;
  readonly json: boolean;
}

const DEFAULT_MINUTES = "1";
/** What a history has room for. */
const MAX_MINUTES = 60;
const DEFAULT_NODES = "3";

/** `freshSeed`: the seed of a run for which nobody chose one. @throws {UsageError} */
export function parseCommand(args: readonly string[], freshSeed: number): Command {
  // pnpm hands the "--" of `pnpm chaos -- --json` on.
  const own = args[0] === "--" ? args.slice(1) : [...args];
  const { values } = parsed({ args: own, options: OPTIONS });
  const minutes = Number(values.minutes);
  if (!(minutes > 0 && minutes <= MAX_MINUTES)) {
    throw new UsageError(
      `--minutes must be above 0 and at most ${MAX_MINUTES}, not ${values.minutes}`,
    );
  }
  if (values.nodes !== "3" && values.nodes !== "5") {
    throw new UsageError(`--nodes must be 3 or 5, not ${values.nodes}`);
  }
  const { consensus } = values;
  if (consensus !== "raft" && consensus !== "paxos") {
    throw new UsageError(`--consensus must be raft or paxos, not ${consensus}`);
  }
  const seed = values.seed === undefined ? freshSeed : Number(values.seed);
  if (!(Number.isSafeInteger(seed) && seed >= 0)) {
    throw new UsageError(`--seed must be a whole number from 0, not ${values.seed}`);
  }
  const { nodes, history, json } = values;
  const cluster = { nodes: Number(nodes), consensus } as const;
  const workloads = listed("--workload", values.workload, WORKLOADS);
  const faults = listed("--faults", values.faults, FAULTS);
  return { minutes, ...cluster, workloads, faults, seed, history, json };
}

/** The names in a list with commas, each once. */
function listed<N extends string>(option: string, list: string, names: readonly N[]): N[] {
  return [...new Set(list.split(","))].map((name) => {
    const known = names.find((each) => each === name);
    if (known) return known;
    throw new UsageError(`${option}: there is no "${name}"; there are ${names.join(", ")}`);
  });
}

const OPTIONS = {
  minutes: { type: "string", default: DEFAULT_MINUTES },
  nodes: { type: "string", default: DEFAULT_NODES },
  consensus: { type: "string", default: "raft" },
  workload: { type: "string", default: DEFAULT_WORKLOAD },
  faults: { type: "string", default: FAULTS.join(",") },
  seed: { type: "string" },
  history: { type: "string" },
  json: { type: "boolean", default: false },
} as const;

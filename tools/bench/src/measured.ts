import type { BenchOptions } from "./define-bench.ts";
import { median } from "./percentile.ts";

/** What one run measured. */
export interface Sample {
  /** In the case's unit. */
  readonly value: number;
  /** Latency of one operation, milliseconds, where the case has such. */
  readonly p50Ms?: number;
  readonly p99Ms?: number;
}

/** Does the work once, set-up and cleaning up included, and times only the work. */
export type Run = () => Promise<Sample>;

/** Medians over all runs, in the case's unit. */
export interface Medians<Peer extends string> {
  readonly ours: number;
  readonly peers: Readonly<Record<Peer, number>>;
  /** NaN when the case has no limit. */
  readonly limit: number;
}

/** What was aimed at, in the case's unit, and whether it was reached. */
export interface Goal {
  readonly goal: number;
  readonly met: boolean;
}

/** One piece of work, done by us and by the peers. */
export interface Case<Peer extends string> {
  /** Names the work and its size: "durable append, one writer". */
  readonly case: string;
  /** "ms", "appends/s", "MB/s", "M/s" and the like. */
  readonly unit: string;
  readonly ours: Run;
  /** The same work by others, each under the name that users know it by. */
  readonly peers?: Readonly<Record<Peer, Run>>;
  /** What the machine can do at most, in the same unit; measured in every run, as peers are. */
  readonly limit?: () => Promise<number>;
  readonly goal?: (medians: Medians<Peer>) => Goal;
}

/** One line of the result; `--json` prints it as it is. */
export interface Row {
  readonly case: string;
  readonly value: number;
  readonly unit: string;
  readonly p50Ms?: number;
  readonly p99Ms?: number;
  readonly peers: Readonly<Record<string, number>>;
  readonly limit?: number;
  readonly goal?: number;
  readonly met?: boolean;
}

/**
 * Runs ours, then each peer, then the limit, and that `options.runs` times over: what slows the
 * machine down for a while slows all of them. Resolves with the medians, or with `undefined` when
 * `options.case` asks for another case. Progress goes to stderr. Rejects with what a run threw.
 */
export async function measured<Peer extends string = never>(
  options: BenchOptions,
  work: Case<Peer>,
): Promise<Row | undefined> {
  if (options.case && !work.case.toLowerCase().includes(options.case.toLowerCase())) {
    return undefined;
  }
  const peers = Object.entries<Run>(work.peers ?? {});
  const ours: Sample[] = [];
  const ofPeers = new Map(peers.map(([name]) => [name, [] as number[]]));
  const limits: number[] = [];
  for (let run = 1; run <= options.runs; run++) {
    process.stderr.write(`${work.case}: run ${run} of ${options.runs}\n`);
    ours.push(await work.ours());
    for (const [name, peer] of peers) ofPeers.get(name)?.push((await peer()).value);
    if (work.limit) limits.push(await work.limit());
  }
  const medianOfPeers = Object.fromEntries([...ofPeers].map(([name, all]) => [name, median(all)]));
  return row(work, ours, medianOfPeers as Record<Peer, number>, limits);
}

function row<Peer extends string>(
  work: Case<Peer>,
  ours: readonly Sample[],
  peers: Readonly<Record<Peer, number>>,
  limits: readonly number[],
): Row {
  const value = median(ours.map((sample) => sample.value));
  const limit = limits.length > 0 ? median(limits) : Number.NaN;
  return {
    case: work.case,
    value,
    unit: work.unit,
    ...latency("p50Ms", ours),
    ...latency("p99Ms", ours),
    peers,
    ...(limits.length > 0 && { limit }),
    ...work.goal?.({ ours: value, peers, limit }),
  };
}

function latency<Name extends "p50Ms" | "p99Ms">(
  name: Name,
  samples: readonly Sample[],
): Partial<Record<Name, number>> {
  const values = samples.flatMap((sample) => sample[name] ?? []);
  return values.length > 0 ? ({ [name]: median(values) } as Record<Name, number>) : {};
}

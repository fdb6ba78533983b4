import { integerBetween, pick, type Random } from "@quorate/runtime";
import type { DiskOptions } from "../disk/disk-options.ts";
import type { NetworkOptions } from "../network/network-options.ts";
import { drawPartition, PARTITION_SHAPES, type Way } from "../network/partition.ts";
import type { ClockOptions } from "../world/simulation-options.ts";
import type { Fault, FaultKind, PlannedFault } from "./fault.ts";

/** What one seed has drawn: a world, and what goes wrong in it. */
export interface Swarm {
  readonly names: readonly string[];
  readonly network: NetworkOptions;
  readonly disk: DiskOptions;
  readonly clocks: ClockOptions;
  /** In the order of time. */
  readonly plan: readonly PlannedFault[];
}

/** What a swarm may draw from. */
export interface SwarmBounds {
  /** One of these is drawn. */
  readonly clusterSizes: readonly number[];
  readonly durationMs: number;
  /** What may go wrong with this program at all. */
  readonly faults: readonly FaultKind[];
  /** Whether messages may be lost, come twice or be overtaken. */
  readonly unreliableMessages: boolean;
}

const MOST_FAULTS = 200;

/**
 * Draws a world. Each kind of fault is left out of half of the runs: what never happens together is
 * found only where other things do not happen ("Swarm testing", Groce et al., ISSTA 2012).
 */
export function drawSwarm(random: Random, bounds: SwarmBounds): Swarm {
  const shape = random.fork("shape");
  const size = pick(shape, bounds.clusterSizes);
  const names = Array.from({ length: size }, (_, at) => `n${at + 1}`);
  return {
    names,
    network: drawNetwork(random.fork("network"), bounds.unreliableMessages),
    disk: drawDisk(random.fork("disk")),
    clocks: drawClocks(random.fork("clocks")),
    plan: drawPlan(random.fork("plan"), names, bounds),
  };
}

function drawNetwork(random: Random, unreliable: boolean): NetworkOptions {
  const mean = pick(random, [0.2, 1, 5, 20]);
  const often = (most: number): number =>
    unreliable && random.next() < 0.5 ? most * random.next() : 0;
  return {
    latencyMs: { min: mean / 4, mean, max: mean * pick(random, [4, 20]) },
    lossProbability: often(pick(random, [0.02, 0.3])),
    duplicationProbability: often(pick(random, [0.05, 0.5])),
    reorderProbability: often(pick(random, [0.05, 0.5])),
    reorderWindowMs: pick(random, [5, 50, 500]),
    connectMs: pick(random, [1, 20]),
  };
}

function drawDisk(random: Random): DiskOptions {
  return {
    latencyMs: pick(random, [
      { min: 0.01, max: 0.1 },
      { min: 0.1, max: 2 },
      { min: 1, max: 20 },
    ]),
    slowProbability: random.next() < 0.5 ? 0.01 * random.next() : 0,
    slowMs: pick(random, [50, 500]),
  };
}

function drawClocks(random: Random): ClockOptions {
  return { skewPpm: pick(random, [0, 100, 10_000]), wallOffsetMs: pick(random, [0, 1e3, 1e7]) };
}

function drawPlan(
  random: Random,
  names: readonly string[],
  { durationMs, faults }: SwarmBounds,
): readonly PlannedFault[] {
  const enabled = faults.filter(() => random.next() < 0.5);
  if (enabled.length === 0) return [];
  const meanGapMs = pick(random, [500, 2_000, 8_000]);
  const plan: PlannedFault[] = [];
  let atMs = 0;
  for (let number = 0; number < MOST_FAULTS; number++) {
    atMs += -meanGapMs * Math.log(1 - random.next());
    if (atMs >= durationMs) break;
    // A stream each: so that what one fault draws does not change the next.
    const fault = drawFault(random.fork(`fault ${number}`), pick(random, enabled), names);
    plan.push({ number, atMs, fault });
  }
  return plan;
}

function drawFault(random: Random, kind: FaultKind, names: readonly string[]): Fault {
  const node = pick(random, names);
  const others = names.filter((name) => name !== node);
  const way: Way = [node, others.length > 0 ? pick(random, others) : node];
  const forMs = pick(random, [100, 1_000, 5_000]) * (0.5 + random.next());
  switch (kind) {
    case "crash":
    case "kill":
    case "pause":
    case "disk-full":
      return { kind, node, forMs };
    case "bit-rot":
      return { kind, node, thenKill: random.next() < 0.5 };
    case "wipe":
      return { kind, node };
    case "partition": {
      const shape = pick(random, PARTITION_SHAPES);
      const direction = random.next() < 0.7 ? "both" : "one-way";
      return { kind, shape, ways: drawPartition(random, names, shape, direction), forMs };
    }
    case "leader-cut-off": {
      const direction = pick(random, ["both", "both", "to-leader", "from-leader"] as const);
      return { kind, among: names, direction, forMs };
    }
    case "clog":
      return { kind, way, forMs };
    case "disconnect":
      return { kind, way };
    case "slow":
      return { kind, way, bytesPerSecond: pick(random, [1_000, 20_000]), forMs };
    case "clock-rate":
      return { kind, node, rate: 0.8 + 0.4 * random.next(), forMs };
    case "clock-jump":
      return { kind, node, byMs: integerBetween(random, -3_600_000, 3_600_000) };
    case "disk-errors":
      return { kind, node, disk: drawDiskErrors(random), forMs };
    default:
      throw new Error(`no fault is of kind ${String(kind)}`);
  }
}

function drawDiskErrors(random: Random): DiskOptions {
  const probability = pick(random, [0.01, 0.2]);
  const which = pick(random, [
    "readErrorProbability",
    "writeErrorProbability",
    "syncErrorProbability",
  ] as const);
  return { [which]: probability };
}

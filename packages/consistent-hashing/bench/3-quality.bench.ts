import { writeFileSync } from "node:fs";
import { type Bench, defineBench, measured, type Row, type Sample } from "@quorate/bench";
import { barCharts } from "./bar-charts.ts";
import { type Make, nodeNames, OURS, PEERS } from "./contenders.ts";
import { sixteenByteKeys } from "./timing.ts";

const NODES = nodeNames(100);
const NEW = "10.1.0.0:11211";
const PLOT = new URL("../../../docs/images/consistent-hashing.svg", import.meta.url);

/** The greatest load over the mean. */
function maxOverMean(make: Make, keys: readonly string[]): number {
  const locator = make(NODES);
  const counts = new Map<string, number>();
  for (const key of keys) {
    const node = locator.locate(key);
    counts.set(node, (counts.get(node) ?? 0) + 1);
  }
  return (Math.max(...counts.values()) * NODES.length) / keys.length;
}

/**
 * The share of the keys, in per cent, that moves for nothing when a node joins and when one leaves.
 */
function needless(make: Make, keys: readonly string[]): number {
  const locator = make(NODES);
  const before = keys.map((key) => locator.locate(key));
  locator.add(NEW);
  const joined = keys.map((key) => locator.locate(key));
  const atJoin = joined.filter((node, index) => node !== before[index] && node !== NEW).length;
  locator.remove(NEW);
  const last = NODES.at(-1) as string;
  locator.remove(last);
  const left = keys.map((key) => locator.locate(key));
  const atLeave = left.filter((node, index) => node !== before[index] && before[index] !== last);
  return (50 * (atJoin + atLeave.length)) / keys.length;
}

/** The share that moves when a node joins, over the one that must. */
function movedOverIdeal(make: Make, keys: readonly string[]): number {
  const locator = make(NODES);
  const before = keys.map((key) => locator.locate(key));
  locator.add(NEW);
  const moved = keys.filter((key, index) => locator.locate(key) !== before[index]).length;
  return (moved * (NODES.length + 1)) / keys.length;
}

type Measure = (make: Make, keys: readonly string[]) => number;

const bench: Bench = defineBench(async (options) => {
  const keys = sixteenByteKeys(options.quick ? 20_000 : 400_000, "q");
  // These do not vary from run to run.
  const once = { ...options, runs: 1 };
  const sample = (measure: Measure, make: Make) => async (): Promise<Sample> => ({
    value: measure(make, keys),
  });
  const peers = (measure: Measure): Record<string, () => Promise<Sample>> =>
    Object.fromEntries(
      Object.entries<Make>(PEERS).map(([name, make]) => [name, sample(measure, make)]),
    );
  const rows: (Row | undefined)[] = [];
  const measures = [
    ["max/mean", "", maxOverMean],
    ["needless moves at a change", "%", needless],
    ["moved at a join over the ideal", "", movedOverIdeal],
  ] as const;
  for (const [title, unit, measure] of measures) {
    for (const [name, make] of Object.entries<Make>(OURS)) {
      rows.push(
        await measured(once, {
          case: `${title}, ${name}, 100 nodes`,
          unit,
          ours: sample(measure, make),
          ...(name === "ring" && { peers: peers(measure) }),
        }),
      );
    }
  }
  for (const [name, make] of Object.entries(OURS)) {
    rows.push(
      await measured(once, {
        case: `memory, ${name}, 1,000 nodes`,
        unit: "KiB",
        ours: async () => ({ value: make(nodeNames(1_000)).memoryBytes() / 1_024 }),
      }),
    );
  }
  if (!options.quick && options.case === undefined) writeFileSync(PLOT, plot(rows));
  return rows;
});
export default bench;

function plot(rows: readonly (Row | undefined)[]): string {
  const bars = (title: string): { name: string; value: number; peer: boolean }[] =>
    rows.flatMap((row) => {
      if (!row?.case.startsWith(title)) return [];
      const name = row.case.split(", ")[1] as string;
      const others = Object.entries(row.peers).map(([peer, value]) => ({
        name: peer,
        value,
        peer: true,
      }));
      return [{ name, value: row.value, peer: false }, ...others];
    });
  return barCharts([
    {
      title: "Balance: greatest load over the mean, 100 nodes (1 is perfect)",
      bars: bars("max/mean"),
    },
    {
      title: "Disruption: keys that move for nothing at a change, % (0 is perfect)",
      bars: bars("needless"),
    },
  ]);
}

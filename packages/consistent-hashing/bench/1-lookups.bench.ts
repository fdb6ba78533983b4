import { type Bench, defineBench, measured, type Row, type Sample } from "@quorate/bench";
import { type Make, nodeNames, OURS, PEERS } from "./contenders.ts";
import { rate } from "./timing.ts";

/** M lookups/s, at 10 and at 1,000 nodes; against hashring the ring is to be 40 times as fast. */
const GOALS: Readonly<Record<string, number>> = { ring: 12, maglev: 15, jump: 6, memento: 5 };
const TIMES_HASHRING = 40;
const PEERS_OF = {
  ring: ["hashring", "consistent-hash"],
  jump: ["jumphash"],
} as const satisfies Partial<Record<keyof typeof OURS, readonly (keyof typeof PEERS)[]>>;

function lookups(make: Make, nodes: number): () => Promise<Sample> {
  let made: ReturnType<Make> | undefined;
  return async () => {
    made ??= make(nodeNames(nodes));
    const locator = made;
    return rate((key) => locator.locate(key));
  };
}

function mementoWithLosses(nodes: readonly string[]): ReturnType<Make> {
  const memento = OURS.memento(nodes);
  for (let index = 0; index < nodes.length; index += 10) memento.remove(nodes[index] as string);
  return memento;
}

const bench: Bench = defineBench(async (options) => {
  const rows: (Row | undefined)[] = [];
  for (const nodes of [10, 1_000]) {
    for (const [name, make] of Object.entries<Make>(OURS)) {
      const against: readonly (keyof typeof PEERS)[] =
        PEERS_OF[name as keyof typeof PEERS_OF] ?? [];
      const least = GOALS[name];
      rows.push(
        await measured<string>(options, {
          case: `lookups, ${name}, ${nodes.toLocaleString("en-US")} nodes`,
          unit: "M/s",
          ours: lookups(make, nodes),
          peers: Object.fromEntries(against.map((peer) => [peer, lookups(PEERS[peer], nodes)])),
          ...(least !== undefined && {
            goal: ({ ours, peers }) => {
              const goal = Math.max(least, TIMES_HASHRING * (peers["hashring"] ?? 0));
              return { goal, met: ours >= goal };
            },
          }),
        }),
      );
    }
  }
  rows.push(
    await measured(options, {
      case: "lookups, memento, 1,000 nodes of which 100 have left",
      unit: "M/s",
      ours: lookups(mementoWithLosses, 1_000),
    }),
  );
  return rows;
});
export default bench;

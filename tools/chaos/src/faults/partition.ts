import { pick } from "@quorate/runtime";
import { drawPartition, PARTITION_SHAPES, type Way } from "@quorate/simulation";
import { drawVictim, type Fault, type FaultContext } from "./fault.ts";

/**
 * Some links between nodes carry nothing, in one direction or both. Clients still reach every node:
 * so does one that asks a leader that has been replaced, behind the partition.
 */
export const partition: Fault = {
  unavailable: async () => undefined,
  inject: async (context) => {
    const { cluster } = context;
    const blocked = new Set((await drawWays(context)).map(([from, to]) => `${from}>${to}`));
    const way = (from: string, to: string): "open" | "blocked" =>
      blocked.has(`${from}>${to}`) ? "blocked" : "open";
    for (const { id: from } of cluster.nodes) {
      for (const { id: to } of cluster.nodes) {
        if (from === to) continue;
        cluster.setLink(from, to, { forth: way(from, to), back: way(to, from), delayMs: 0 });
      }
    }
    return async () => cluster.healLinks();
  },
};

async function drawWays(context: FaultContext): Promise<readonly Way[]> {
  const { cluster, random } = context;
  const ids = cluster.nodes.map(({ id }) => id);
  const direction = random.next() < 0.5 ? "both" : "one-way";
  const shape = pick(random, PARTITION_SHAPES);
  if (random.next() < 0.5) return drawPartition(random, ids, shape, direction);
  const { id: victim } = await drawVictim(context);
  const others = ids.filter((id) => id !== victim);
  const out = others.map((other): Way => [victim, other]);
  return direction === "both" ? [...out, ...others.map((other): Way => [other, victim])] : out;
}

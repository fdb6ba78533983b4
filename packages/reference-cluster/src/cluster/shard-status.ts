import type { Locator } from "@quorate/consistent-hashing";
import type { NodeReport, ShardReport } from "../node/node-report.ts";
import { shardNames } from "../shards/shard-ring.ts";

/** A shard as its replicas report it at this moment. */
export interface ShardStatus {
  readonly name: string;
  /** Who leads in the highest term that any replica reports; absent when nobody does. */
  readonly leader?: string;
  readonly term: number;
  readonly commitIndex: number;
  /** Of the replica that has applied most, as are the keys. */
  readonly orders: number;
  /** With those of the merchants' lists and of idempotency. */
  readonly keys: number;
  /** Of all hashes, those that the ring gives to this shard: 0 to 1. */
  readonly shareOfRing: number;
  /** Of all orders, those that are here: 0 to 1; 0 when there is none. */
  readonly shareOfOrders: number;
}

/** In the order of the shards' numbers. */
export function shardStatuses(
  ring: Pick<Locator, "nodes" | "shares">,
  nodes: readonly NodeReport[],
): ShardStatus[] {
  const shares = ring.shares();
  const shards = shardNames(ring).map((name) => {
    const replicas = nodes.flatMap((node) => node.shards.filter((shard) => shard.name === name));
    return { name, ...seenBy(replicas), shareOfRing: shares.get(name) ?? 0 };
  });
  const all = shards.reduce((sum, { orders }) => sum + orders, 0);
  return shards.map((shard) => ({ ...shard, shareOfOrders: all === 0 ? 0 : shard.orders / all }));
}

function seenBy(replicas: readonly ShardReport[]) {
  const logs = replicas.map(({ log }) => log);
  const term = Math.max(0, ...logs.map((log) => log.term));
  const leader = logs.find((log) => log.role === "leader" && log.term === term)?.nodeId;
  const commitIndex = Math.max(0, ...logs.map((log) => log.commitIndex));
  const [state] = replicas
    .map((replica) => replica.state)
    .toSorted((a, b) => b.appliedIndex - a.appliedIndex);
  const counts = { orders: state?.orders ?? 0, keys: state?.keys ?? 0 };
  return { ...(leader === undefined ? {} : { leader }), term, commitIndex, ...counts };
}

/** How many shards each node leads, the one with the most first; of equals, by name. */
export function leads(shards: readonly ShardStatus[]): [nodeId: string, shards: number][] {
  const counts = new Map<string, number>();
  for (const { leader } of shards) {
    if (leader !== undefined) counts.set(leader, (counts.get(leader) ?? 0) + 1);
  }
  return [...counts].toSorted(([a, n], [b, m]) => m - n || (a < b ? -1 : 1));
}

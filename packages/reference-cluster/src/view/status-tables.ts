import pc from "picocolors";
import type { ClusterStatus, NodeStatus } from "../cluster/cluster-status.ts";
import type { ShardStatus } from "../cluster/shard-status.ts";
import { serviceTable } from "./service-table.ts";
import { percent } from "./shards-in-words.ts";
import { grouped, tableOf } from "./tables.ts";

/** What `quorate status` prints: the shards with the ring's balance, the nodes, the services. */
export function statusTables({ shards, nodes, services }: ClusterStatus): string {
  const reasons = nodes.flatMap(({ report }) => report?.explain ?? []);
  const waiting = reasons.map((reason) => `at this moment: ${reason}`);
  const tables = [shardTable(shards), nodeTable(nodes), serviceTable(services)];
  return [...tables, ...waiting].join("\n");
}

function shardTable(shards: readonly ShardStatus[]): string {
  const share = "% of the";
  const head = ["shard", "leader", "term", "committed", "orders", "keys"];
  const table = tableOf([...head, `${share} ring`, `${share} orders`]);
  for (const { name, leader, term, commitIndex, orders, keys, ...shares } of shards) {
    const numbers = [term, commitIndex, orders, keys].map(grouped);
    const { shareOfRing, shareOfOrders } = shares;
    const balance = [percent(shareOfRing), percent(shareOfOrders)];
    table.push([name, leader ?? pc.red("none"), ...numbers, ...balance]);
  }
  const sum = (field: "orders" | "keys"): string =>
    grouped(shards.reduce((total, shard) => total + shard[field], 0));
  const [ring, orders] = [greatest(shards, "shareOfRing"), greatest(shards, "shareOfOrders")];
  table.push(["all", "", "", "", sum("orders"), sum("keys"), ring, orders]);
  return table.toString();
}

/** How full the fullest shard is, to how full it would be if all had the same. */
function greatest(shards: readonly ShardStatus[], field: "shareOfRing" | "shareOfOrders"): string {
  const most = Math.max(...shards.map((shard) => shard[field]));
  return `max/mean ${(most * shards.length).toFixed(2)}`;
}

function nodeTable(nodes: readonly NodeStatus[]): string {
  const table = tableOf(["node", "state", "leads", "config", "restarts", "pid"]);
  for (const { id, state, restarts, pid, reason, report } of nodes) {
    const led = report?.shards.filter(({ log }) => log.role === "leader") ?? [];
    const names = led.map(({ name }) => name).join(", ");
    const shown = state === "up" ? pc.green(state) : pc.red(state);
    const revision = report?.configRevision;
    const config = revision === undefined ? "" : `revision ${revision}`;
    const numbers = [grouped(restarts), String(pid ?? "")];
    table.push([id, shown, report ? names : (reason ?? ""), config, ...numbers]);
  }
  return table.toString();
}

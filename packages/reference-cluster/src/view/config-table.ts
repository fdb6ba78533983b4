import type { ClusterConfig } from "../config/cluster-config.ts";
import { tableOf } from "./tables.ts";

/** What `quorate config` prints. */
export function configTable({ revision, shards, features }: ClusterConfig): string {
  const table = tableOf(["setting", "value"]);
  for (const [name, isOn] of Object.entries(features)) table.push([`features.${name}`, `${isOn}`]);
  for (const [name, nodes] of Object.entries(shards))
    table.push([`shards.${name}`, nodes.join(" ")]);
  return `revision ${revision}\n${table.toString()}`;
}

import { leads, type ShardStatus } from "../cluster/shard-status.ts";

/** Which node leads how many shards: "n2 leads 2, n1 1"; or which have no leader. */
export function leadersInWords(shards: readonly ShardStatus[]): string {
  const without = shards.filter(({ leader }) => leader === undefined);
  const [first] = without;
  if (first) {
    const others = without.length > 1 ? ` and ${without.length - 1} more` : "";
    return `nobody leads ${first.name}${others}`;
  }
  return leads(shards)
    .map(([node, count], at) => (at === 0 ? `${node} leads ${count}` : `${node} ${count}`))
    .join(", ");
}

/** From the least to the greatest: "32.8 to 34.1 %". */
export function spreadInWords(shares: readonly number[]): string {
  return `${percent(Math.min(...shares))} to ${percent(Math.max(...shares))} %`;
}

export function percent(share: number): string {
  return (100 * share).toFixed(1);
}

import { PaxosError } from "../../paxos-error.ts";
import { type NodeSet, NOBODY } from "./node-set.ts";
import { type QuorumSystem, requireNodes } from "./quorum-system.ts";

/**
 * More than half of all weight, in both phases. A node of weight 0 accepts and counts for nothing.
 *
 * Source: Gifford, "Weighted Voting for Replicated Data", 1979.
 *
 * @param weights By node: whole numbers from 0, whose sum is from 1.
 * @throws {PaxosError} `invalid-option`.
 */
export function weightedQuorums(weights: Readonly<Record<string, number>>): QuorumSystem {
  const nodes = Object.keys(weights);
  requireNodes(nodes);
  const byNode = nodes.map((node) => weights[node]!);
  const total = byNode.reduce((sum, weight) => sum + weight, 0);
  const areWhole = byNode.every((weight) => Number.isSafeInteger(weight) && weight >= 0);
  if (!areWhole || !Number.isSafeInteger(total) || total === 0) {
    throw new PaxosError(
      "invalid-option",
      `weights must be whole and not all 0: ${byNode.join(", ")}`,
    );
  }
  const isQuorum = (set: NodeSet): boolean => 2 * weightOf(set, byNode) > total;
  return { nodes, isPhase1Quorum: isQuorum, isPhase2Quorum: isQuorum };
}

function weightOf(set: NodeSet, weights: readonly number[]): number {
  let sum = 0;
  for (let at = 0; at < weights.length; at++) {
    if ((set & (1 << at)) !== NOBODY) sum += weights[at]!;
  }
  return sum;
}

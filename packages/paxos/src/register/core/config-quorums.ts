import { sizeOf, type NodeSet } from "../../core/quorum/node-set.ts";
import { type QuorumSystem, requireNodes } from "../../core/quorum/quorum-system.ts";
import { type Member, nodesOf, type RegisterConfig } from "./register-config.ts";

/**
 * The quorums of a configuration. During a change ("grow the accept set"; CASPaxos, §2.3) a value is
 * chosen only once majorities of the old *and* of the new members have accepted it, and promises come
 * from the old: so the new ones come to know all that is chosen before anybody relies on them.
 *
 * @throws {PaxosError} `invalid-option`: more than 31 nodes, or none.
 */
export function quorumsOf(config: RegisterConfig): QuorumSystem {
  const nodes = nodesOf(config);
  requireNodes(nodes);
  const isOld = majorityOf(config.members, nodes);
  const isNew = majorityOf(config.next ?? config.members, nodes);
  return { nodes, isPhase1Quorum: isOld, isPhase2Quorum: (set) => isOld(set) && isNew(set) };
}

/** Everybody, in both phases: what it takes to forget a key. */
export function everybodyOf(config: RegisterConfig): QuorumSystem {
  const nodes = nodesOf(config);
  const isAll = (set: NodeSet): boolean => sizeOf(set) === nodes.length;
  return { nodes, isPhase1Quorum: isAll, isPhase2Quorum: isAll };
}

function majorityOf(
  members: readonly Member[],
  nodes: readonly string[],
): (set: NodeSet) => boolean {
  const names = new Set(members.map(({ node }) => node));
  const mask = nodes.reduce((set, node, at) => (names.has(node) ? set | (1 << at) : set), 0);
  return (set) => 2 * sizeOf(set & mask) > names.size;
}

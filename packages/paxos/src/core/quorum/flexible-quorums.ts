import { PaxosError } from "../../paxos-error.ts";
import { type NodeSet, sizeOf } from "./node-set.ts";
import { type QuorumSystem, requireNodes } from "./quorum-system.ts";

/** How many nodes make a quorum in each phase. */
export interface QuorumSizes {
  /** To become a proposer: rare where proposers stay for long. */
  readonly phase1: number;
  /** To choose a value: as small as is wanted, at the cost of phase 1. */
  readonly phase2: number;
}

/**
 * Quorums by number alone, one for each phase (Flexible Paxos, §4, "simple quorums"): any `phase1` and
 * any `phase2` of N nodes meet iff `phase1` + `phase2` > N.
 *
 * @throws {PaxosError} `invalid-option`: two quorums could miss each other, or a size is not 1 to N.
 */
export function flexibleQuorums(
  nodes: readonly string[],
  { phase1, phase2 }: QuorumSizes,
): QuorumSystem {
  requireNodes(nodes);
  for (const size of [phase1, phase2]) {
    if (Number.isInteger(size) && size >= 1 && size <= nodes.length) continue;
    throw new PaxosError("invalid-option", `a quorum of ${size} in ${nodes.length} nodes`);
  }
  if (!(phase1 + phase2 > nodes.length)) {
    throw new PaxosError(
      "invalid-option",
      `quorums of ${phase1} and ${phase2} in ${nodes.length} nodes need not meet`,
    );
  }
  return {
    nodes: [...nodes],
    isPhase1Quorum: (set: NodeSet) => sizeOf(set) >= phase1,
    isPhase2Quorum: (set: NodeSet) => sizeOf(set) >= phase2,
  };
}

/**
 * More than half of the nodes, in both phases: of 3 it is 2, of 4 it is 3.
 *
 * @throws {PaxosError} `invalid-option`.
 */
export function majorityQuorums(nodes: readonly string[]): QuorumSystem {
  const majority = Math.floor(nodes.length / 2) + 1;
  return flexibleQuorums(nodes, { phase1: majority, phase2: majority });
}

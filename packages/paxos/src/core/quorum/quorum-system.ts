import { PaxosError } from "../../paxos-error.ts";
import { MAX_NODES, NOBODY, type NodeSet } from "./node-set.ts";

/**
 * Who must answer. Every phase-1 quorum must have a node in common with every phase-2 quorum, and that
 * is all that Paxos needs (Howard, Malkhi and Spiegelman, "Flexible Paxos", 2016; B2 of the Parliament
 * asks it of all quorums). A set with more nodes than a quorum is a quorum.
 */
export interface QuorumSystem {
  /** The acceptors. Bit i of a `NodeSet` stands for the i-th. Never changes. */
  readonly nodes: readonly string[];
  /** Whether these promises are enough to propose a value. */
  isPhase1Quorum(set: NodeSet): boolean;
  /** Whether a value that these have accepted is chosen. */
  isPhase2Quorum(set: NodeSet): boolean;
}

/** As long as a name is written in messages and records. */
const MAX_NAME_BYTES = 255;

/** Systems of more nodes are too many sets to look at. */
export const MAX_NODES_CHECKED = 15;

/**
 * Looks for a phase-1 quorum that misses a phase-2 quorum, among all sets. For quorum systems of one's
 * own; those of this package are checked by their sizes. Up to 15 nodes.
 *
 * @throws {PaxosError} `invalid-option`, with two quorums that do not meet.
 */
export function requireIntersection(quorums: QuorumSystem): void {
  const { nodes } = quorums;
  if (nodes.length > MAX_NODES_CHECKED) {
    throw new PaxosError("invalid-option", `${nodes.length} nodes are too many to be checked`);
  }
  const everybody = 2 ** nodes.length - 1;
  // Supersets of quorums are quorums: if any two miss each other, so do one and its complement.
  for (let set: NodeSet = NOBODY; set <= everybody; set++) {
    const others = everybody & ~set;
    if (!quorums.isPhase1Quorum(set) || !quorums.isPhase2Quorum(others)) continue;
    throw new PaxosError(
      "invalid-option",
      `the phase-1 quorum of ${namesOf(set, nodes)} misses the phase-2 quorum of ` +
        namesOf(others, nodes),
    );
  }
}

/** @throws {PaxosError} `invalid-option`. */
export function requireNodes(nodes: readonly string[]): void {
  if (nodes.length < 1 || nodes.length > MAX_NODES) {
    throw new PaxosError("invalid-option", `nodes must be 1 to ${MAX_NODES}, not ${nodes.length}`);
  }
  const tooLong = nodes.find((node) => new TextEncoder().encode(node).length > MAX_NAME_BYTES);
  if (tooLong !== undefined) {
    throw new PaxosError(
      "invalid-option",
      `a name has at most ${MAX_NAME_BYTES} bytes: ${tooLong}`,
    );
  }
  if (new Set(nodes).size < nodes.length || nodes.includes("")) {
    throw new PaxosError(
      "invalid-option",
      `each node must have a name of its own: ${nodes.join(", ")}`,
    );
  }
}

function namesOf(set: NodeSet, nodes: readonly string[]): string {
  const names = nodes.filter((_, at) => (set & (1 << at)) !== NOBODY);
  return names.length > 0 ? names.join(", ") : "nobody";
}

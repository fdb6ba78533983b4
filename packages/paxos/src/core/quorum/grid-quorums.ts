import { PaxosError } from "../../paxos-error.ts";
import type { NodeSet } from "./node-set.ts";
import { type QuorumSystem, requireNodes } from "./quorum-system.ts";

/**
 * Nodes in rows: a whole row is a phase-1 quorum, one of each row a phase-2 quorum's column. Every row
 * meets every column, so of 12 nodes in 3 rows, 4 nodes promise and 3 accept (Flexible Paxos, §5,
 * "grid quorums").
 *
 * @param rows All equally long, from 1.
 * @throws {PaxosError} `invalid-option`.
 */
export function gridQuorums(rows: readonly (readonly string[])[]): QuorumSystem {
  const nodes = rows.flat();
  requireNodes(nodes);
  const width = rows[0]!.length;
  if (rows.some((row) => row.length !== width)) {
    throw new PaxosError("invalid-option", `rows must be equally long: ${rows.join(" | ")}`);
  }
  const firstRow = 2 ** width - 1;
  const rowSets = rows.map((_, row) => firstRow << (row * width));
  const firstColumn = rows.reduce((set, _, row) => set | (1 << (row * width)), 0);
  const columnSets = Array.from({ length: width }, (_, column) => firstColumn << column);
  const hasAny = (set: NodeSet, quorums: readonly NodeSet[]): boolean =>
    quorums.some((quorum) => (set & quorum) === quorum);
  return {
    nodes,
    isPhase1Quorum: (set) => hasAny(set, rowSets),
    isPhase2Quorum: (set) => hasAny(set, columnSets),
  };
}

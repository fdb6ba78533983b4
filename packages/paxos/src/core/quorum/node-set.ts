/** A set of nodes as bits: bit i stands for the i-th of a quorum system's nodes. */
export type NodeSet = number;

export const NOBODY: NodeSet = 0;

/** As many as there are bits below the sign. */
export const MAX_NODES = 31;

/** Adds a node; the same set comes back when it is in already, or is none of `nodes`. */
export function withNode(set: NodeSet, nodes: readonly string[], node: string): NodeSet {
  const at = nodes.indexOf(node);
  return at === -1 ? set : set | (1 << at);
}

export function hasNode(set: NodeSet, nodes: readonly string[], node: string): boolean {
  return (set & withNode(NOBODY, nodes, node)) !== NOBODY;
}

/** How many are in the set. */
export function sizeOf(set: NodeSet): number {
  let size = 0;
  for (let rest = set; rest !== NOBODY; rest &= rest - 1) size++;
  return size;
}

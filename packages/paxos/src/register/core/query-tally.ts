import { isSameBallot } from "../../core/ballot.ts";
import type { Proposal } from "../../core/proposal.ts";
import { hasNode, NOBODY, type NodeSet, withNode } from "../../core/quorum/node-set.ts";
import type { QuorumSystem } from "../../core/quorum/quorum-system.ts";
import type { Cell } from "./cell.ts";

/** Those who have accepted the same. */
interface Group {
  readonly accepted: Proposal<Cell> | undefined;
  nodes: NodeSet;
}

/**
 * What acceptors have accepted, each asked once: a read in one round trip. If a phase-2 quorum has
 * accepted in the same ballot, its value is chosen. If they are a phase-1 quorum as well, nothing later
 * was chosen when the first of them was asked: one of its quorum would be among them.
 */
export class QueryTally {
  readonly #quorums: QuorumSystem;
  readonly #groups: Group[] = [];
  #answered: NodeSet = NOBODY;

  constructor(quorums: QuorumSystem) {
    this.#quorums = quorums;
  }

  add(from: string, accepted: Proposal<Cell> | undefined): void {
    const { nodes } = this.#quorums;
    const answered = withNode(this.#answered, nodes, from);
    if (answered === this.#answered) return;
    this.#answered = answered;
    const group = this.#groups.find((each) => isSame(each.accepted, accepted));
    if (group) group.nodes = withNode(group.nodes, nodes, from);
    else this.#groups.push({ accepted, nodes: withNode(NOBODY, nodes, from) });
  }

  has(node: string): boolean {
    return hasNode(this.#answered, this.#quorums.nodes, node);
  }

  /** What is chosen, once enough agree. */
  get agreed(): { readonly cell: Cell | undefined } | undefined {
    const group = this.#groups.find(({ nodes }) => this.#isEnough(nodes));
    return group && { cell: group.accepted?.value };
  }

  /** Whether those who have not answered could still make some agree. */
  get mayAgree(): boolean {
    const missing = (2 ** this.#quorums.nodes.length - 1) & ~this.#answered;
    return (
      this.#isEnough(missing) || this.#groups.some(({ nodes }) => this.#isEnough(nodes | missing))
    );
  }

  /** Whether a ballot would find enough to talk to. */
  get isQuorum(): boolean {
    return this.#quorums.isPhase1Quorum(this.#answered);
  }

  #isEnough(nodes: NodeSet): boolean {
    return this.#quorums.isPhase1Quorum(nodes) && this.#quorums.isPhase2Quorum(nodes);
  }
}

function isSame(a: Proposal<Cell> | undefined, b: Proposal<Cell> | undefined): boolean {
  return a && b ? isSameBallot(a.ballot, b.ballot) : a === b;
}

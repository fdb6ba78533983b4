import { type Ballot, isSameBallot } from "./ballot.ts";
import { higherProposal, type Proposal } from "./proposal.ts";
import { hasNode, NOBODY, type NodeSet, withNode } from "./quorum/node-set.ts";
import type { QuorumSystem } from "./quorum/quorum-system.ts";

/** The promises that a proposer has for one ballot, each acceptor's once. */
export class PromiseCount<V> {
  readonly ballot: Ballot;
  readonly #quorums: QuorumSystem;
  #promised: NodeSet = NOBODY;
  #highest: Proposal<V> | undefined;

  constructor(quorums: QuorumSystem, ballot: Ballot) {
    this.#quorums = quorums;
    this.ballot = ballot;
  }

  /**
   * Counts an acceptor's promise, with what it has accepted so far. False when it changes nothing: it
   * is of another ballot, of a stranger, or was counted before.
   */
  add(from: string, ballot: Ballot, accepted: Proposal<V> | undefined): boolean {
    if (!isSameBallot(ballot, this.ballot)) return false;
    const promised = withNode(this.#promised, this.#quorums.nodes, from);
    if (promised === this.#promised) return false;
    this.#promised = promised;
    this.#highest = higherProposal(this.#highest, accepted);
    return true;
  }

  has(node: string): boolean {
    return hasNode(this.#promised, this.#quorums.nodes, node);
  }

  get isQuorum(): boolean {
    return this.#quorums.isPhase1Quorum(this.#promised);
  }

  /**
   * P2c: with a quorum, the only value that may be proposed is that of this; any value when it is
   * undefined.
   */
  get highest(): Proposal<V> | undefined {
    return this.#highest;
  }
}

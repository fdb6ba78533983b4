import { type Ballot, isSameBallot } from "./ballot.ts";
import { hasNode, NOBODY, type NodeSet, withNode } from "./quorum/node-set.ts";
import type { QuorumSystem } from "./quorum/quorum-system.ts";

/**
 * The acceptors that have accepted the proposal of one ballot, each once. A value is chosen when a
 * quorum has accepted it *in one ballot*: acceptances of equal values in different ballots choose nothing.
 */
export class AcceptCount {
  readonly ballot: Ballot;
  readonly #quorums: QuorumSystem;
  #accepted: NodeSet = NOBODY;

  constructor(quorums: QuorumSystem, ballot: Ballot) {
    this.#quorums = quorums;
    this.ballot = ballot;
  }

  /** False when it changes nothing: it is of another ballot, of a stranger, or was counted before. */
  add(from: string, ballot: Ballot): boolean {
    if (!isSameBallot(ballot, this.ballot)) return false;
    const accepted = withNode(this.#accepted, this.#quorums.nodes, from);
    if (accepted === this.#accepted) return false;
    this.#accepted = accepted;
    return true;
  }

  has(node: string): boolean {
    return hasNode(this.#accepted, this.#quorums.nodes, node);
  }

  /** Whether the ballot's value is chosen. */
  get isQuorum(): boolean {
    return this.#quorums.isPhase2Quorum(this.#accepted);
  }
}

import { type Ballot, compareBallots, NO_BALLOT } from "./ballot.ts";
import { invariant } from "./invariant.ts";

/**
 * Gives out the ballots of one node in one incarnation, each once and in rising order. Without a
 * disk: the incarnation was made durable before the first of them. One source serves all proposers of
 * a node, whatever they propose for.
 */
export class BallotSource {
  readonly #node: string;
  readonly #incarnation: number;
  #highest: Ballot = NO_BALLOT;

  constructor({ node, incarnation }: Pick<Ballot, "node" | "incarnation">) {
    this.#node = node;
    this.#incarnation = incarnation;
  }

  /** Another node is at this ballot: the next one from here is higher. */
  observe(ballot: Ballot): void {
    if (compareBallots(ballot, this.#highest) > 0) this.#highest = ballot;
  }

  /** A ballot that is higher than all that were given out or observed. */
  next(): Ballot {
    const round = this.#highest.round + 1;
    invariant(Number.isSafeInteger(round), "the rounds are used up");
    this.#highest = { round, node: this.#node, incarnation: this.#incarnation };
    return this.#highest;
  }
}

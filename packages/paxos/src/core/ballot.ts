/**
 * A ballot's number. No two ballots have the same (B1 of "The Part-Time Parliament"): those of two
 * nodes differ in `node`, those of one node before and after a restart in `incarnation`, and those of
 * one incarnation in `round`.
 */
export interface Ballot {
  /** Counts from 1. */
  readonly round: number;
  /** Who began the ballot. */
  readonly node: string;
  /** Which life of that node did; see `Identity`. */
  readonly incarnation: number;
}

/** Below every ballot: −∞ of the Parliament. */
export const NO_BALLOT: Ballot = { round: 0, node: "", incarnation: 0 };

/** Below 0 when `a` is the lower ballot, 0 when they are the same, above 0 when it is the higher. */
export function compareBallots(a: Ballot, b: Ballot): number {
  if (a.round !== b.round) return a.round - b.round;
  if (a.node !== b.node) return a.node < b.node ? -1 : 1;
  return a.incarnation - b.incarnation;
}

export function isSameBallot(a: Ballot, b: Ballot): boolean {
  return a.round === b.round && a.node === b.node && a.incarnation === b.incarnation;
}

export function higherBallot(a: Ballot, b: Ballot): Ballot {
  return compareBallots(a, b) >= 0 ? a : b;
}

/** For people to read: `7.ada`. The incarnation is left out; it matters to nobody who reads. */
export function showBallot({ round, node }: Ballot): string {
  return round === 0 ? "none" : `${round}.${node}`;
}

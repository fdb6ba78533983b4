import type { AcceptorState } from "../../core/acceptor-state.ts";
import { type Ballot, higherBallot, isSameBallot } from "../../core/ballot.ts";
import type { Cell } from "./cell.ts";
import type { KeyState } from "./register-record.ts";

/**
 * What an acceptor remembers of keys that it has forgotten: one ballot for all of them, the highest.
 * It stands for the promise that each of them had, so that nothing of before the deletion is accepted
 * afterwards, and no later write is hidden by an empty cell that somebody still has (paxos.md, 17).
 *
 * After the ages of proposers in CASPaxos, §3.1: there each proposer must be reached before a key is
 * forgotten; here the acceptors do by themselves, and a proposer that is below is told.
 */
export class ForgottenKeys {
  #highest: Ballot;

  constructor(highest: Ballot) {
    this.#highest = highest;
  }

  get highest(): Ballot {
    return this.#highest;
  }

  /** The state of a key by which it is to be answered. */
  stateOf(known: KeyState): AcceptorState<Cell> {
    return known ?? { promised: this.#highest, accepted: undefined };
  }

  /** False when nothing changes by it. */
  raise(ballot: Ballot): boolean {
    const highest = higherBallot(this.#highest, ballot);
    if (highest === this.#highest) return false;
    this.#highest = highest;
    return true;
  }
}

/**
 * Whether a key may be forgotten that everybody was to empty in `ballot`: nothing has happened to it
 * since. Whoever has promised a higher ballot may be needed for the value that comes in it.
 */
export function mayForget({ promised, accepted }: AcceptorState<Cell>, ballot: Ballot): boolean {
  return (
    accepted !== undefined &&
    accepted.value.value === undefined &&
    isSameBallot(accepted.ballot, ballot) &&
    isSameBallot(promised, ballot)
  );
}

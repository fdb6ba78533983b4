import type { ConfirmedRead } from "./consensus-core.ts";

interface Round {
  readonly number: number;
  /** The commit index when the round began, so no older than any read in it. */
  readonly index: number;
  readonly ids: readonly number[];
}

/** Rounds that may be unanswered; reads that come meanwhile share the next one. */
const MAX_ROUNDS_IN_FLIGHT = 2;

/**
 * ReadIndex (dissertation, §6.4): a leader answers a read from its state only after a quorum has
 * said, *later than the read came*, that it still follows. All reads that wait share the next round,
 * and never an earlier one's index (raft.md, 14).
 */
export class ReadRounds {
  #waiting: number[] = [];
  #rounds: Round[] = [];
  #number = 0;

  /** The number of the last round that began. Rises within a term. */
  get number(): number {
    return this.#number;
  }

  /** Whether reads wait for a round to begin, and one may. */
  get isDue(): boolean {
    return this.#waiting.length > 0 && this.#rounds.length < MAX_ROUNDS_IN_FLIGHT;
  }

  add(id: number): void {
    this.#waiting.push(id);
  }

  /** Begins a round for all that wait. `commitIndex` must cover an entry of the leader's own term. */
  begin(commitIndex: number): void {
    this.#rounds.push({ number: ++this.#number, index: commitIndex, ids: this.#waiting });
    this.#waiting = [];
  }

  /**
   * Takes the reads that a quorum has confirmed by now; a later round confirms the earlier.
   * `reachedByQuorum` is the last round that a quorum has answered.
   */
  takeConfirmed(reachedByQuorum: () => number): ConfirmedRead[] {
    if (this.#rounds.length === 0) return [];
    const reached = reachedByQuorum();
    const confirmed: ConfirmedRead[] = [];
    let done = 0;
    for (const { number, index, ids } of this.#rounds) {
      if (number > reached) break;
      for (const id of ids) confirmed.push({ id, index });
      done++;
    }
    this.#rounds.splice(0, done);
    return confirmed;
  }

  /** Everything that still waits: the leader stepped down, and must say so (raft.md, 15). */
  abandon(): number[] {
    const ids = [...this.#rounds.flatMap((round) => round.ids), ...this.#waiting];
    this.#rounds = [];
    this.#waiting = [];
    return ids;
  }
}

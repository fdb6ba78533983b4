import { type Ballot, compareBallots } from "../src/index.ts";
import type { SynodCluster, Word } from "../test/synod-cluster.ts";

/** What became of one ballot, as somebody who sees all disks would write it down. */
interface BallotRecord {
  readonly value: Word;
  /** Who has ever had it durably accepted, whatever happened to its disk afterwards. */
  readonly voters: Set<string>;
}

/**
 * The safety requirements of Paxos Made Simple, §2.1, checked after every step of a run: "Only a value
 * that has been proposed may be chosen", "Only a single value is chosen", "A process never learns that
 * a value has been chosen unless it actually has been". It sees what no node sees, and remembers what
 * lost disks had.
 */
export class SynodSafety {
  readonly #cluster: SynodCluster;
  /** Whether a set is a phase-2 quorum, found out in another way than the core does. */
  readonly #isQuorum: (members: ReadonlySet<string>) => boolean;
  readonly #ballots = new Map<string, BallotRecord>();
  readonly #proposed = new Set<Word>();
  #chosen: Word | undefined;
  #chosenIn: Ballot | undefined;

  constructor(cluster: SynodCluster, isQuorum: (members: ReadonlySet<string>) => boolean) {
    this.#cluster = cluster;
    this.#isQuorum = isQuorum;
    cluster.onDurable = (id, { accepted }) => {
      if (accepted) this.#voted(id, accepted.ballot, accepted.value);
    };
  }

  get chosen(): Word | undefined {
    return this.#chosen;
  }

  /** The lowest ballot in which it was chosen. */
  get chosenIn(): Ballot | undefined {
    return this.#chosenIn;
  }

  /** Ballots in which anybody has voted. */
  get ballots(): number {
    return this.#ballots.size;
  }

  proposed(value: Word): void {
    this.#proposed.add(value);
  }

  check(id: string): void {
    const learned = this.#cluster.chosenBy(id);
    if (learned === undefined || learned === this.#chosen) return;
    throw new Error(`${id} has learned ${learned}, and ${this.#chosen ?? "nothing"} is chosen`);
  }

  #voted(id: string, ballot: Ballot, value: Word): void {
    if (!this.#proposed.has(value)) throw new Error(`nobody has proposed ${value}`);
    const key = `${ballot.round}.${ballot.node}.${ballot.incarnation}`;
    const record = this.#ballots.get(key) ?? { value, voters: new Set<string>() };
    if (record.value !== value) throw new Error(`B1: ballot ${key} is of two values`);
    this.#ballots.set(key, record);
    record.voters.add(id);
    if (this.#isQuorum(record.voters)) this.#choose(ballot, value);
  }

  #choose(ballot: Ballot, value: Word): void {
    if (this.#chosen !== undefined && this.#chosen !== value) {
      throw new Error(`both ${this.#chosen} and ${value} are chosen`);
    }
    this.#chosen = value;
    const isLower = !this.#chosenIn || compareBallots(ballot, this.#chosenIn) < 0;
    if (isLower) this.#chosenIn = ballot;
  }
}

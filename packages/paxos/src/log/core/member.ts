import type { LogPosition } from "@quorate/replication/driver";
import type { Random } from "@quorate/runtime";
import type { Ballot } from "../../core/ballot.ts";
import { BallotSource } from "../../core/ballot-source.ts";
import type { Identity } from "../../core/identity.ts";
import { Outbox } from "../../core/outbox.ts";
import { Persistence } from "../../core/persistence.ts";
import { LogAcceptor, type RecoveredLog } from "./acceptor.ts";
import type { Configuration, Life } from "./configuration.ts";
import { DiskWatch } from "./disk-watch.ts";
import type { LogCoreOptions } from "./log-core-options.ts";
import type { LogRecord } from "./log-record.ts";
import type { FreeMessage, Message, PromisingMessage, Withheld } from "./message.ts";
import type { Phase1 } from "./phase1.ts";

/** What a node is at present: it takes the messages that are meant for it, and lets time pass. */
export interface Role {
  readonly name: "follower" | "canvasser" | "candidate" | "leader";
  receive(from: string, message: Message): void;
  tick(elapsedMs: number): void;
}

/** How a role ends: by taking another. */
export interface Transitions {
  follow(leader: string | undefined): void;
  canvass(): void;
  campaign(): void;
  lead(phase1: Phase1): void;
}

/** What every role needs: the acceptor that all of them are, and the ways to the others. */
export class Member {
  readonly options: LogCoreOptions;
  readonly random: Random;
  readonly become: Transitions;
  readonly acceptor: LogAcceptor;
  readonly ballots: BallotSource;
  readonly outbox: Outbox<FreeMessage, PromisingMessage> = new Outbox();
  readonly persistence: Persistence<LogRecord, Withheld> = new Persistence();
  readonly disk: DiskWatch = new DiskWatch();
  readonly life: Life;
  leader: string | undefined;
  /** Of the highest ballot that this node has heard of. */
  #highestRound = 0;

  constructor(
    options: LogCoreOptions,
    identity: Identity,
    recovered: RecoveredLog,
    random: Random,
    become: Transitions,
  ) {
    this.options = options;
    this.random = random;
    this.become = become;
    const { birth, votes } = identity;
    this.life = { birth, votes };
    this.acceptor = new LogAcceptor(options, recovered, this.persistence);
    this.ballots = new BallotSource(identity);
    this.observe(recovered.promised);
  }

  get id(): string {
    return this.options.id;
  }

  /** The round that this node's next ballot would have. */
  get nextRound(): number {
    return this.#highestRound + 1;
  }

  /** The round of the ballot that this node has promised. */
  get term(): number {
    return this.acceptor.promised.round;
  }

  /** What this node's newest snapshot covers. */
  get snapshot(): LogPosition {
    return this.acceptor.snapshot;
  }

  /** Those that vote in the first slot that is not decided, as far as this node knows. */
  get configuration(): Configuration {
    const { configurations, decided } = this.acceptor;
    return configurations.at(decided + 1);
  }

  /** Whether this node's own votes count in that slot. */
  get isVoter(): boolean {
    return this.configuration.admits(this.id, this.life);
  }

  /** A write has taken so long that the disk must be taken for dead. */
  get diskHangs(): boolean {
    return this.disk.pendingMs >= this.options.electionTimeoutMs;
  }

  /** Hears of a ballot: the next one from here is higher. */
  observe(ballot: Ballot): void {
    this.ballots.observe(ballot);
    this.#highestRound = Math.max(this.#highestRound, ballot.round);
  }

  /** Of a promise, what fits in a message, from `from` on. */
  promiseFrom(ballot: Ballot, from: number, maxBytes: number): PromisingMessage {
    const { log } = this.acceptor;
    const end = log.reach(from, log.lastIndex, maxBytes);
    const next = end < log.lastIndex ? end + 1 : 0;
    const accepted = log.accepted(from, end);
    return { type: "promise", ballot, life: this.life, from, next, accepted };
  }

  /** To be told, once it is on disk, how far this node has accepted in the ballot that it promised. */
  tellAccepted(to: string): void {
    const { promised: ballot, match } = this.acceptor;
    this.persistence.promise(to, { type: "accepted", ballot, life: this.life, match });
  }

  /** A proposer's own promise, too, counts only when it is on disk. */
  promiseItself(ballot: Ballot, from: number): void {
    this.persistence.promise(this.id, this.promiseFrom(ballot, from, Number.POSITIVE_INFINITY));
  }

  /** From `electionTimeoutMs` to twice that: so one of those that duel soon has the time for itself. */
  randomElectionTimeoutMs(): number {
    return this.options.electionTimeoutMs * (1 + this.random.next());
  }
}

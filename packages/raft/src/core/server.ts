import type { LogPosition } from "@quorate/replication/driver";
import type { Random } from "@quorate/runtime";
import type { CoreOptions } from "./core-options.ts";
import type { Received, PromisingMessage } from "./message.ts";
import { Outbox } from "./outbox.ts";
import { Persistence } from "./persistence.ts";
import type { HardState } from "./persisted.ts";
import { Voters } from "./quorum.ts";
import type { RaftLog } from "./raft-log.ts";

/** What a role is (figure 4): it answers messages of the current term, and lets time pass. */
export interface Role {
  readonly name: "follower" | "pre-candidate" | "candidate" | "leader";
  receive(from: string, message: Received): void;
  tick(elapsedMs: number): void;
}

/** How a role ends: by taking another. */
export interface Transitions {
  follow(term: number, leader: string | undefined): void;
  preCampaign(): void;
  campaign(): void;
  lead(): void;
}

/** What a disk had when the node started. */
export interface RecoveredState {
  readonly hardState: HardState;
  /** What the newest snapshot covers; all of it is applied. */
  readonly snapshot: LogPosition;
  readonly log: RaftLog;
}

/** Figure 2, "State", and what every role needs besides. */
export class Server {
  readonly options: CoreOptions;
  readonly voters: Voters;
  readonly random: Random;
  readonly become: Transitions;
  readonly outbox: Outbox = new Outbox();
  readonly persistence: Persistence;
  readonly log: RaftLog;
  term: number;
  votedFor: string | undefined;
  leader: string | undefined;
  commitIndex: number;
  /** What the newest snapshot on this node's disk covers. */
  snapshot: LogPosition;

  constructor(
    options: CoreOptions,
    recovered: RecoveredState,
    random: Random,
    become: Transitions,
  ) {
    this.options = options;
    this.voters = new Voters(options.voters);
    this.random = random;
    this.become = become;
    this.log = recovered.log;
    this.persistence = new Persistence(recovered.log.lastIndex);
    this.term = recovered.hardState.term;
    this.votedFor = recovered.hardState.votedFor;
    this.snapshot = recovered.snapshot;
    this.commitIndex = recovered.snapshot.index;
  }

  get id(): string {
    return this.options.id;
  }

  get others(): readonly string[] {
    return this.voters.ids.filter((id) => id !== this.id);
  }

  /** A write has taken so long that the disk must be taken for dead (raft.md, 18). */
  get diskHangs(): boolean {
    return this.persistence.pendingMs >= this.options.electionTimeoutMs;
  }

  /** A vote and the term it is for: figure 2, "persistent state". */
  setHardState(term: number, votedFor: string | undefined): void {
    this.term = term;
    this.votedFor = votedFor;
    this.persistence.hardStateChanged();
  }

  /** To be sent once all that changed so far is durable. */
  promise(to: string, message: PromisingMessage): void {
    this.persistence.promise(to, message, this.log);
  }

  /** From `electionTimeoutMs` to twice that, so that two rarely campaign at once (§5.2). */
  randomElectionTimeoutMs(): number {
    return this.options.electionTimeoutMs * (1 + this.random.next());
  }
}

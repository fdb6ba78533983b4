import type { ConsensusCore, LogPosition, Ready as AnyReady } from "@quorate/replication/driver";
import type { Random } from "@quorate/runtime";
import { Candidate, PreCandidate } from "./candidate.ts";
import type { CoreOptions } from "./core-options.ts";
import { Follower } from "./follower.ts";
import { Leader } from "./leader.ts";
import type { Message, PreVoteRequest, Received, VoteRequest } from "./message.ts";
import type { Outgoing } from "./outbox.ts";
import type { Persisted, Write } from "./persisted.ts";
import { type RecoveredState, type Role, Server } from "./server.ts";
import { isAtLeastAsUpToDate } from "./up-to-date.ts";

/** What a core wants done, since the last time it was asked. */
export interface Ready extends AnyReady<Message, Write> {
  readonly messages: readonly Outgoing[];
}

/**
 * Raft as a synchronous state machine without I/O: messages, proposals, completed writes and the
 * passing of time go in, and `ready` says what is to be done. Nothing it does depends on anything else,
 * so the same inputs give the same outputs.
 *
 * Source: Ongaro and Ousterhout, "In Search of an Understandable Consensus Algorithm (Extended
 * Version)", 2014; Ongaro, "Consensus: Bridging Theory and Practice", 2014 (pre-vote §9.6, check-quorum
 * §6.2, ReadIndex §6.4, parallel disk write §10.2.1). Membership is fixed.
 *
 * @throws {Error} "raft invariant broken" from any input: the node must stop.
 */
export class RaftCore implements ConsensusCore<Message, Write, Persisted> {
  readonly #server: Server;
  #role: Role;
  #handedOut: number;
  #abandonedReads: number[] = [];

  constructor(options: CoreOptions, recovered: RecoveredState, random: Random) {
    this.#server = new Server(options, recovered, random, {
      follow: (term, leader) => this.#follow(term, leader),
      preCampaign: () => this.#preCampaign(),
      campaign: () => this.#campaign(),
      lead: () => this.#lead(),
    });
    this.#role = new Follower(this.#server);
    this.#handedOut = recovered.snapshot.index;
  }

  get role(): Role["name"] {
    return this.#role.name;
  }

  /** What this node knows. To be read, not changed. */
  get server(): Readonly<Omit<Server, "become" | "outbox" | "persistence">> {
    return this.#server;
  }

  /** The leader's own view, while this node leads. */
  get leadership(): Pick<Leader, "followers" | "knowsCommitIndex"> | undefined {
    return this.#leading;
  }

  /** For how long the oldest write has been under way, in milliseconds; 0 when none is. */
  get diskPendingMs(): number {
    return this.#server.persistence.pendingMs;
  }

  /** Lets time pass. To be called several times a heartbeat. */
  tick(elapsedMs: number): void {
    this.#server.persistence.tick(elapsedMs);
    this.#role.tick(elapsedMs);
  }

  /** Takes a message from another voter; strangers are not heard. */
  receive(from: string, message: Received): void {
    if (!this.#server.voters.has(from)) return;
    if (message.type === "pre-vote-request") return this.#preVote(from, message);
    if (message.type === "vote-request" && this.#hasLiveLeader) return;
    if (message.term > this.#server.term) {
      const isPreVote = message.type === "pre-vote-reply" && message.granted;
      if (!isPreVote) this.#follow(message.term, undefined);
    } else if (message.term < this.#server.term) {
      return this.#answerStale(from, message);
    }
    if (message.type === "vote-request") return this.#vote(from, message);
    if (isOfLeader(message) && this.#isCandidate) this.#follow(this.#server.term, from);
    this.#role.receive(from, message);
  }

  /**
   * Adds a command to the log and returns its index; undefined when this node does not lead, and
   * `overloaded` when too much is uncommitted already. Nothing was done then.
   */
  propose(payload: Uint8Array): number | "overloaded" | undefined {
    const leader = this.#leading;
    if (!leader) return undefined;
    return leader.hasRoomFor(payload.length) ? leader.append("command", payload) : "overloaded";
  }

  /** Asks to confirm that this node leads; false when it does not. Ends in `reads` or `abandonedReads`. */
  read(id: number): boolean {
    this.#leading?.read(id);
    return this.#leading !== undefined;
  }

  /** A write, and all before it, are durable. */
  persisted(proof: Persisted): void {
    this.#server.persistence.persisted(proof);
    this.#release();
  }

  /** Whether a snapshot that a leader of `term` offers would be taken, as far as can be said now. */
  wantsSnapshot(term: number, last: LogPosition): boolean {
    const { commitIndex, log } = this.#server;
    return term >= this.#server.term && last.index > commitIndex && !log.has(last);
  }

  /** A snapshot that a leader of `term` sent is on disk; the end of InstallSnapshot, §7. */
  snapshotReceived(from: string, term: number, last: LogPosition): void {
    this.receive(from, { type: "install-snapshot", term, last });
  }

  snapshotSent(to: string, index: number, arrived: boolean): void {
    this.#leading?.snapshotSent(to, index, arrived);
  }

  /**
   * A snapshot of the state at `position`, which is applied, is on disk: what stands before the last
   * `keepEntries` places up to it may be forgotten. Returns the place that the log now begins after.
   */
  compact(position: LogPosition, keepEntries: number): LogPosition {
    const { log } = this.#server;
    this.#server.snapshot = position;
    const base = position.index - keepEntries;
    if (base > log.base.index) log.compactTo(base);
    return log.base;
  }

  /** What is to be done, since the last call. */
  ready(): Ready {
    const server = this.#server;
    const leader = this.#leading;
    leader?.flush();
    const write = server.persistence.takeWrite(server, server.log);
    if (write && leader) server.promise(server.id, ownAcceptance(server));
    this.#release();
    const restore = this.#takeRestore();
    const firstCommittedIndex = this.#handedOut + 1;
    const committed =
      server.commitIndex >= firstCommittedIndex
        ? server.log.slice(firstCommittedIndex, server.commitIndex)
        : [];
    this.#handedOut = server.commitIndex;
    return {
      messages: server.outbox.take(),
      write,
      restore,
      committed,
      firstCommittedIndex,
      reads: leader?.takeConfirmedReads() ?? [],
      abandonedReads: this.#abandonedReads.splice(0),
      snapshotsToSend: leader?.takeSnapshotsToSend() ?? [],
    };
  }

  get #leading(): Leader | undefined {
    return this.#role instanceof Leader ? this.#role : undefined;
  }

  get #isCandidate(): boolean {
    return this.#role instanceof PreCandidate || this.#role instanceof Candidate;
  }

  /** §4.2.3: whoever follows a leader that lives, or is one, does not help to depose it. */
  get #hasLiveLeader(): boolean {
    if (this.#role instanceof Follower) return this.#role.hasLiveLeader;
    return this.#role instanceof Leader;
  }

  #takeRestore(): LogPosition | undefined {
    const { snapshot } = this.#server;
    if (snapshot.index <= this.#handedOut) return undefined;
    this.#handedOut = snapshot.index;
    return snapshot;
  }

  #release(): void {
    const { id, outbox, persistence } = this.#server;
    persistence.release(this.#server.term, (to, message, proof) => {
      if (to === id) this.#role.receive(id, message);
      else outbox.sendPromise(to, message, proof);
    });
  }

  #preVote(from: string, { term, last }: PreVoteRequest): void {
    const { log, outbox } = this.#server;
    const granted =
      term > this.#server.term && !this.#hasLiveLeader && isAtLeastAsUpToDate(last, log.last);
    const answerTerm = granted ? term : this.#server.term;
    outbox.send(from, { type: "pre-vote-reply", term: answerTerm, granted });
  }

  /** §5.2 and §5.4.1: one vote a term, and only for a log that has all that may be committed. */
  #vote(from: string, { term, last }: VoteRequest): void {
    const { votedFor, log, outbox } = this.#server;
    const isFree =
      votedFor === from || (votedFor === undefined && this.#server.leader === undefined);
    if (!isFree || !isAtLeastAsUpToDate(last, log.last)) {
      outbox.send(from, { type: "vote-denied", term });
      return;
    }
    if (votedFor === undefined) this.#server.setHardState(term, from);
    if (this.#role instanceof Follower) this.#role.resetElectionTimer();
    this.#server.promise(from, { type: "vote-granted", term });
  }

  /** Tells a leader or candidate of an earlier term that a newer one has begun. */
  #answerStale(from: string, message: Received): void {
    const { outbox, term } = this.#server;
    if (isOfLeader(message)) outbox.send(from, { type: "heartbeat-reply", term, readRound: 0 });
    if (message.type === "vote-request") outbox.send(from, { type: "vote-denied", term });
  }

  #follow(term: number, leader: string | undefined): void {
    for (const id of this.#leading?.abandonReads() ?? []) this.#abandonedReads.push(id);
    // Within a term the vote stands, whatever role one falls back from (raft.md, 3).
    if (term > this.#server.term) this.#server.setHardState(term, undefined);
    this.#server.leader = leader;
    this.#role = new Follower(this.#server);
  }

  #preCampaign(): void {
    this.#server.leader = undefined;
    const role = new PreCandidate(this.#server);
    this.#role = role;
    role.start();
  }

  #campaign(): void {
    this.#server.setHardState(this.#server.term + 1, this.#server.id);
    const role = new Candidate(this.#server);
    this.#role = role;
    role.start();
  }

  #lead(): void {
    this.#server.leader = this.#server.id;
    this.#role = new Leader(this.#server);
  }
}

function isOfLeader({ type }: Received): boolean {
  return type === "append-request" || type === "heartbeat" || type === "install-snapshot";
}

function ownAcceptance({ term, log }: Server): {
  readonly type: "append-accepted";
  readonly term: number;
  readonly matchIndex: number;
} {
  return { type: "append-accepted", term, matchIndex: log.lastIndex };
}

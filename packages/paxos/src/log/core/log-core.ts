import type {
  ConfirmedRead,
  ConsensusCore,
  LogPosition,
  Ready as AnyReady,
} from "@quorate/replication/driver";
import type { Random } from "@quorate/runtime";
import { compareBallots } from "../../core/ballot.ts";
import type { Identity } from "../../core/identity.ts";
import type { Outgoing } from "../../core/outbox.ts";
import type { Persisted, Write } from "../../core/persistence.ts";
import type { LogAcceptor, RecoveredLog } from "./acceptor.ts";
import { Candidate } from "./candidate.ts";
import { Canvasser } from "./canvasser.ts";
import type { Change, ChangeEnd } from "./configuration-change.ts";
import { Follower } from "./follower.ts";
import { Leader } from "./leader.ts";
import type { LogCoreOptions } from "./log-core-options.ts";
import type { LogRecord } from "./log-record.ts";
import { Member, type Role } from "./member.ts";
import type {
  Canvass,
  FreeMessage,
  Message,
  OfLeader,
  Prepare,
  PromisingMessage,
  Withheld,
} from "./message.ts";
import { Phase1 } from "./phase1.ts";

/** What a core wants done, since the last time it was asked. */
export interface LogReady extends AnyReady<Message, Write<LogRecord>> {
  readonly messages: readonly Outgoing<FreeMessage, PromisingMessage>[];
}

/**
 * Multi-Paxos as a synchronous state machine without I/O: messages, proposals, completed writes and the
 * passing of time go in, and `ready` says what is to be done. Nothing it does depends on anything else,
 * so the same inputs give the same outputs.
 *
 * Source: Lamport, "Paxos Made Simple", 2001, §3; "The Part-Time Parliament", 1998, §3. Canvassing, the
 * leader's check of its quorum and reads by a confirmed index are Raft's (Ongaro's dissertation).
 *
 * @throws {PaxosError} `invariant-broken` from any input: the node must stop.
 */
export class LogCore implements ConsensusCore<Message, Write<LogRecord>, Persisted> {
  readonly #member: Member;
  #role: Role;
  #handedOut: number;
  #confirmedReads: ConfirmedRead[] = [];
  #abandonedReads: number[] = [];
  #changesEnded: ChangeEnd[] = [];
  /** Nodes that are sent a snapshot by this one, which does not lead. */
  readonly #taught = new Set<string>();
  #snapshotsToSend: string[] = [];

  constructor(
    options: LogCoreOptions,
    identity: Identity,
    recovered: RecoveredLog,
    random: Random,
  ) {
    this.#member = new Member(options, identity, recovered, random, {
      follow: (leader) => this.#follow(leader),
      canvass: () => this.#canvass(),
      campaign: () => this.#campaign(),
      lead: (phase1) => this.#lead(phase1),
    });
    this.#role = new Follower(this.#member);
    this.#handedOut = recovered.snapshot.index;
  }

  /** It leads once nothing of an earlier leader can come between its own proposals. */
  get role(): Role["name"] {
    const isCandidate = this.#leading?.isEstablished === false;
    return isCandidate ? "candidate" : this.#role.name;
  }

  /** What this node knows. To be read, not changed. */
  get server(): Readonly<
    Pick<Member, "id" | "leader" | "term" | "snapshot" | "acceptor" | "life" | "isVoter">
  > {
    return this.#member;
  }

  /** The leader's own view, while this node leads. */
  get leadership(): Pick<Leader, "peers" | "knowsDecided" | "lastIndex"> | undefined {
    return this.#leading;
  }

  /** For how long the oldest write has been under way, in milliseconds; 0 when none is. */
  get diskPendingMs(): number {
    return this.#member.disk.pendingMs;
  }

  /** Lets time pass. To be called several times a heartbeat. */
  tick(elapsedMs: number): void {
    this.#member.disk.tick(elapsedMs);
    this.#role.tick(elapsedMs);
  }

  /** Takes a message, whoever sends it: whose answers count, the configuration of each slot says. */
  receive(from: string, message: Message): void {
    switch (message.type) {
      case "canvass":
        return this.#answerCanvass(from, message);
      case "prepare":
        return this.#answerPrepare(from, message);
      case "accept":
      case "heartbeat":
        return this.#hear(from, message);
      case "configurations":
        return this.#member.acceptor.learnConfigurations(message.upTo, message.configurations);
      case "chosen":
        return this.#learn((acceptor) => acceptor.learn(message.decided));
      default:
        return this.#role.receive(from, message);
    }
  }

  propose(payload: Uint8Array): number | "overloaded" | undefined {
    const leader = this.#leading;
    if (!leader?.isEstablished) return undefined;
    return leader.hasRoomFor(payload.length) ? leader.append("command", payload) : "overloaded";
  }

  read(id: number): boolean {
    const leader = this.#leading;
    if (!leader?.isEstablished) return false;
    leader.read(id);
    return true;
  }

  /**
   * Asks for other voters; undefined when this node does not lead, and `overloaded` when it changes
   * them already. Ends in `takeChangesEnded`, when the change is in use or this node leads no more.
   */
  reconfigure(id: number, change: Change): "begun" | "overloaded" | undefined {
    const leader = this.#leading;
    if (!leader?.isEstablished) return undefined;
    return leader.reconfigure(id, change) ? "begun" : "overloaded";
  }

  takeChangesEnded(): readonly ChangeEnd[] {
    return this.#changesEnded.splice(0);
  }

  persisted(proof: Persisted): void {
    this.#member.persistence.persisted(proof);
    this.#member.disk.done(proof.sequence);
    this.#release();
  }

  /** Whoever sends it: a snapshot has what was decided. But who votes after it must be known. */
  wantsSnapshot(_term: number, last: LogPosition): boolean {
    const { acceptor } = this.#member;
    return last.index > acceptor.decided && acceptor.knowsConfigurationsUpTo(last.index);
  }

  snapshotReceived(from: string, _term: number, last: LogPosition): void {
    const { acceptor, leader } = this.#member;
    if (last.index > acceptor.decided) this.#learn(() => acceptor.restore(last));
    if (from === leader) this.#member.tellAccepted(from);
  }

  snapshotSent(to: string, index: number, arrived: boolean): void {
    this.#taught.delete(to);
    this.#leading?.snapshotSent(to, index, arrived);
  }

  compact(position: LogPosition, keepEntries: number): LogPosition {
    const { acceptor } = this.#member;
    acceptor.snapshot = position;
    const index = position.index - keepEntries;
    const entry = acceptor.log.entryAt(index);
    if (entry) acceptor.log.trimTo({ index, term: entry.term });
    return acceptor.log.base;
  }

  ready(): LogReady {
    this.#leading?.flush();
    const leader = this.#leading;
    const { acceptor, persistence, disk, outbox } = this.#member;
    const write = persistence.takeWrite();
    if (write) disk.issued(write.sequence);
    this.#release();
    const restore = this.#takeRestore();
    const firstCommittedIndex = this.#handedOut + 1;
    const upTo = acceptor.mayApplyUpTo;
    const committed =
      upTo >= firstCommittedIndex ? acceptor.log.slice(firstCommittedIndex, upTo) : [];
    this.#handedOut = Math.max(this.#handedOut, upTo);
    if (leader) this.#changesEnded.push(...leader.takeChangesEnded());
    return {
      messages: outbox.take(),
      write,
      restore,
      committed,
      firstCommittedIndex,
      reads: [...this.#confirmedReads.splice(0), ...(leader?.takeConfirmedReads() ?? [])],
      abandonedReads: this.#abandonedReads.splice(0),
      snapshotsToSend: [
        ...this.#snapshotsToSend.splice(0),
        ...(leader?.takeSnapshotsToSend() ?? []),
      ],
    };
  }

  get #leading(): Leader | undefined {
    return this.#role instanceof Leader ? this.#role : undefined;
  }

  /** Whoever follows a leader that lives, or is one, does not help to take its place. */
  get #hasLiveLeader(): boolean {
    if (this.#role instanceof Follower) return this.#role.hasLiveLeader;
    return this.#role instanceof Leader;
  }

  #takeRestore(): LogPosition | undefined {
    const { snapshot } = this.#member;
    if (snapshot.index <= this.#handedOut) return undefined;
    this.#handedOut = snapshot.index;
    return snapshot;
  }

  /** Sends what waited for the disk; of several acceptances to one leader, the furthest says it all. */
  #release(): void {
    const { id, outbox, persistence, acceptor } = this.#member;
    const released: { to: string; message: Withheld; proof: Persisted }[] = [];
    persistence.release((to, message, proof) => released.push({ to, message, proof }));
    for (const [at, { to, message, proof }] of released.entries()) {
      const next = released[at + 1];
      if (message.type === "accepted" && next?.to === to && next.message.type === "accepted")
        continue;
      if (message.type === "recorded") acceptor.recorded(message.upTo);
      else if (to === id) this.#role.receive(id, message);
      else outbox.sendPromise(to, message, proof);
    }
  }

  #answerCanvass(from: string, { round, decided }: Canvass): void {
    const { acceptor, outbox, life, options } = this.#member;
    const { promised, log } = acceptor;
    // One who is far behind had to be told more than a promise should carry.
    const isBehind = decided < log.base.index || decided + options.window < acceptor.decided;
    const granted = round > promised.round && !this.#hasLiveLeader && !isBehind;
    outbox.send(from, { type: "canvass-reply", round, granted, promised, life });
    if (decided < acceptor.decided) this.#teach(from, decided);
  }

  #learn(tell: (acceptor: LogAcceptor) => void): void {
    const { acceptor } = this.#member;
    const before = acceptor.decided;
    tell(acceptor);
    const role = this.#role;
    if (acceptor.decided === before) return;
    if (role instanceof Leader || role instanceof Candidate) role.learned();
  }

  /**
   * One that wants to lead knows what is decided only up to `decided`: it is told some more, or gets a
   * snapshot. It may be the only one that can lead, once those who know more are voted out.
   */
  #teach(to: string, decided: number): void {
    const { acceptor, outbox, options } = this.#member;
    const { log } = acceptor;
    if (decided >= log.base.index) {
      const end = log.reach(decided + 1, acceptor.decided, options.maxAppendBytes);
      outbox.send(to, { type: "chosen", decided: log.accepted(decided + 1, end) });
      return;
    }
    if (this.#taught.has(to) || this.#leading) return;
    this.#taught.add(to);
    const { decided: configurations } = acceptor.configurations;
    outbox.send(to, { type: "configurations", upTo: acceptor.decided, configurations });
    this.#snapshotsToSend.push(to);
  }

  /** Phase 1b. */
  #answerPrepare(from: string, { ballot, from: first }: Prepare): void {
    const { acceptor, outbox, leader, options, persistence } = this.#member;
    if (this.#hasLiveLeader && leader !== from) return;
    const { base } = acceptor.log;
    if (first <= base.index) {
      outbox.send(from, { type: "trimmed", ballot, base: base.index });
      return this.#teach(from, first - 1);
    }
    if (!acceptor.prepare(ballot)) {
      outbox.send(from, { type: "nack", ballot, promised: acceptor.promised });
      return;
    }
    this.#member.observe(ballot);
    if (leader !== from) this.#follow(undefined);
    persistence.promise(from, this.#member.promiseFrom(ballot, first, options.maxAppendBytes));
  }

  /** A message of a leader: of the highest ballot that this node knows of, or it is told so. */
  #hear(from: string, message: OfLeader): void {
    const { acceptor, outbox } = this.#member;
    const { ballot } = message;
    if (compareBallots(ballot, acceptor.promised) < 0) {
      outbox.send(from, { type: "nack", ballot, promised: acceptor.promised });
      return;
    }
    if (message.type === "heartbeat") acceptor.hear(ballot); // an accept promises by itself
    this.#member.observe(ballot);
    if (!(this.#role instanceof Follower) || this.#member.leader !== from) this.#follow(from);
    this.#role.receive(from, message);
  }

  #follow(leader: string | undefined): void {
    const leading = this.#leading;
    if (leading) {
      this.#confirmedReads.push(...leading.takeConfirmedReads());
      this.#abandonedReads.push(...leading.abandonReads());
      this.#changesEnded.push(...leading.takeChangesEnded(), ...leading.abandonChange());
    }
    this.#member.leader = leader;
    this.#role = new Follower(this.#member);
  }

  #canvass(): void {
    this.#member.leader = undefined;
    const role = new Canvasser(this.#member);
    this.#role = role;
    role.start();
  }

  #campaign(): void {
    const { acceptor, ballots } = this.#member;
    const ballot = ballots.next();
    this.#member.observe(ballot);
    acceptor.prepare(ballot);
    const role = new Candidate(this.#member, new Phase1(ballot, acceptor.decided + 1));
    this.#role = role;
    role.start();
  }

  #lead(phase1: Phase1): void {
    this.#role = new Leader(this.#member, phase1);
  }
}

import {
  type ConfirmedRead,
  createEntry,
  type Entry,
  type EntryKind,
  ReadRounds,
} from "@quorate/replication/driver";
import { compareBallots, isSameBallot } from "../../core/ballot.ts";
import type { Configuration } from "./configuration.ts";
import type { Change, ChangeEnd } from "./configuration-change.ts";
import type { Member, Role } from "./member.ts";
import type { HeartbeatReply, Message, Promised } from "./message.ts";
import type { Peer } from "./peer.ts";
import { Peers } from "./peers.ts";
import type { Phase1 } from "./phase1.ts";
import { reachedByQuorum } from "./reached-by-quorum.ts";
import { Reconfiguration } from "./reconfiguration.ts";

/**
 * The distinguished proposer of all slots ("Paxos Made Simple", §3): first what may be chosen already,
 * with no-ops in the gaps, then what it is asked to propose. Decides, and confirms reads.
 */
export class Leader implements Role {
  readonly name = "leader";
  readonly #member: Member;
  readonly #phase1: Phase1;
  readonly #peers: Peers;
  readonly #reconfiguration: Reconfiguration;
  readonly #reads = new ReadRounds();
  /** Up to here an earlier ballot may have chosen something: until it is decided, nothing is known. */
  #recoveredUpTo: number;
  /** Whether it knows who votes in all slots to come, and has asked them what they have accepted. */
  #isEstablished = false;
  /** Up to here it has proposed, and accepted itself. */
  #proposedUpTo: number;
  /** What is to be proposed after that, and after what is recovered. */
  #queue: Entry[] = [];
  #ownMatch = 0;
  #undecidedBytes = 0;
  #sinceHeartbeatMs = 0;
  #sinceQuorumCheckMs = 0;
  readonly #confirmedReads: ConfirmedRead[] = [];
  /** The last configuration that had its phase 1, so that it is asked once. */
  #promisedBy: Configuration | undefined;

  constructor(member: Member, phase1: Phase1) {
    this.#member = member;
    this.#phase1 = phase1;
    this.#peers = new Peers(member);
    this.#reconfiguration = new Reconfiguration(member, this.#peers, (payload) =>
      this.append("configuration", payload),
    );
    this.#proposedUpTo = member.acceptor.decided;
    this.#recoveredUpTo = Math.max(phase1.lastSlot, this.#proposedUpTo);
    this.#meetPeers();
    this.#heartbeat();
    this.#establish();
  }

  /** The last slot that has an entry, proposed or not. */
  get lastIndex(): number {
    return Math.max(this.#proposedUpTo, this.#recoveredUpTo) + this.#queue.length;
  }

  /**
   * Before, it proposes only what may be chosen already, and nothing of its own: new voters may know
   * of what an earlier leader proposed to them.
   */
  get isEstablished(): boolean {
    return this.#isEstablished;
  }

  /** Only when all is decided that an earlier ballot may have chosen does it know what is decided. */
  get knowsDecided(): boolean {
    return this.#isEstablished && this.#member.acceptor.decided >= this.#recoveredUpTo;
  }

  /** How far each node is, for people to read. */
  get peers(): ReadonlyMap<string, Peer> {
    return this.#peers.all;
  }

  /** Whether a proposal of that size is within the bound on what may be undecided. */
  hasRoomFor(bytes: number): boolean {
    const { maxUncommittedBytes } = this.#member.options;
    return this.#undecidedBytes === 0 || this.#undecidedBytes + bytes <= maxUncommittedBytes;
  }

  /** Gives the next slot to an entry. Proposed, and written, with the next flush. */
  append(kind: EntryKind, payload?: Uint8Array): number {
    const entry = createEntry(this.#member.term, kind, payload);
    this.#queue.push(entry);
    this.#undecidedBytes += entry.record.length;
    return this.lastIndex;
  }

  read(id: number): void {
    this.#reads.add(id);
  }

  /** False when another change is under way. Ends in `takeChangesEnded`. */
  reconfigure(id: number, change: Change): boolean {
    if (!this.#reconfiguration.begin(id, change)) return false;
    this.#meetPeers();
    return true;
  }

  takeConfirmedReads(): ConfirmedRead[] {
    return this.#confirmedReads.splice(0);
  }

  abandonReads(): number[] {
    return this.#reads.abandon();
  }

  takeSnapshotsToSend(): string[] {
    return this.#peers.takeSnapshotsToSend();
  }

  takeChangesEnded(): ChangeEnd[] {
    return this.#reconfiguration.takeEnded();
  }

  /** It leads no more: what became of the change, the next leader knows. */
  abandonChange(): ChangeEnd[] {
    return this.#reconfiguration.abandon();
  }

  /** The driver has sent a snapshot up to `index` to `to`, or failed to. */
  snapshotSent(to: string, index: number, arrived: boolean): void {
    this.#peers.snapshotSent(to, index, arrived);
  }

  tick(elapsedMs: number): void {
    const { electionTimeoutMs, heartbeatMs } = this.#member.options;
    this.#sinceQuorumCheckMs += elapsedMs;
    if (this.#sinceQuorumCheckMs >= electionTimeoutMs) {
      this.#sinceQuorumCheckMs = 0;
      if (!this.#stillLeads()) return this.#member.become.follow(undefined);
    }
    this.#sinceHeartbeatMs += elapsedMs;
    if (this.#sinceHeartbeatMs < heartbeatMs) return;
    this.#peers.sendLostAgain();
    if (this.knowsDecided) this.#reconfiguration.pin();
    this.#prepareMore();
    this.#heartbeat();
  }

  receive(from: string, message: Message): void {
    const { acceptor } = this.#member;
    const ballot = acceptor.promised;
    if (message.type === "nack") {
      this.#member.observe(message.promised);
      if (compareBallots(message.promised, ballot) > 0) this.#member.become.follow(undefined);
      return;
    }
    if (!("ballot" in message) || !isSameBallot(message.ballot, ballot)) return;
    if (message.type === "promise") return this.#promised(from, message);
    if (from === this.#member.id) {
      if (message.type === "accepted") this.#ownMatch = Math.max(this.#ownMatch, message.match);
      return this.#decide();
    }
    const peer = this.#peers.get(from);
    if (!peer || !("life" in message)) return;
    peer.answers(message.life);
    switch (message.type) {
      case "accepted":
        if (peer.progress.accepted(message.match)) this.#decide();
        return;
      case "missing":
        peer.progress.rejected(message.first - 1, message.match);
        return;
      case "heartbeat-reply":
        return this.#heartbeatReply(peer, message);
    }
  }

  /** Proposes what the window lets it, sends what others lack, and begins a round for new reads. */
  flush(): void {
    if (!this.#isEstablished) this.#establish();
    if (this.knowsDecided) this.#reconfiguration.advance();
    if (!this.#member.isVoter && this.#reconfiguration.isInUse())
      return this.#member.become.follow(undefined);
    this.#fill();
    this.#propose();
    this.#confirmReads(); // so that there may be room for a round
    if (this.#reads.isDue && this.knowsDecided) {
      this.#reads.begin(this.#member.acceptor.decided);
      this.#heartbeat();
      this.#confirmReads(); // a cluster of one asks nobody
    }
    this.#peers.sendUpTo(this.#proposedUpTo);
  }

  #establish(): void {
    this.#recoveredUpTo = Math.max(this.#recoveredUpTo, this.#phase1.lastSlot);
    const isDecided = this.#member.acceptor.decided >= this.#recoveredUpTo;
    if (this.#lacksPromises || (this.#phase1.findsConfiguration && !isDecided)) return;
    this.#isEstablished = true;
    this.#member.leader = this.#member.id;
  }

  /** Whether some of those that are to vote, as far as is known, must be asked for their promises. */
  get #lacksPromises(): boolean {
    const { configurations, decided } = this.#member.acceptor;
    return !configurations.since(decided + 1).every((each) => this.#phase1.hasQuorum(each));
  }

  /** Phase 2a, first at itself: within the window, and where enough have promised this ballot. */
  #propose(): void {
    const { acceptor, options } = this.#member;
    const end = Math.min(this.lastIndex, acceptor.decided + options.window);
    const first = this.#proposedUpTo + 1;
    const entries: Entry[] = [];
    let taken = 0;
    for (let slot = first; slot <= end && this.#mayPropose(slot); slot++) {
      const bound = this.#phase1.entryFor(slot);
      if (slot <= this.#recoveredUpTo) {
        entries.push(bound ?? createEntry(this.#member.term, "noop"));
      } else if (bound) {
        // New voters know of another leader's proposal where this one has its own waiting.
        return this.#member.become.follow(undefined);
      } else {
        entries.push(this.#queue[taken++]!);
      }
    }
    if (entries.length === 0) return;
    if (taken > 0) this.#queue = this.#queue.slice(taken);
    this.#proposedUpTo += entries.length;
    acceptor.accept(acceptor.promised, first, entries);
    this.#member.tellAccepted(this.#member.id);
  }

  #mayPropose(slot: number): boolean {
    const { acceptor, id, life } = this.#member;
    const configuration = acceptor.configurations.at(slot);
    if (configuration === this.#promisedBy) return true;
    if (!configuration.admits(id, life)) return false;
    if (!this.#phase1.hasQuorum(configuration)) return false;
    this.#promisedBy = configuration;
    return true;
  }

  /** Phase 1a for those that are to vote and have not promised; again with each heartbeat. */
  #prepareMore(): void {
    const { configurations, decided } = this.#member.acceptor;
    for (const configuration of configurations.since(decided + 1)) {
      if (this.#phase1.hasQuorum(configuration)) continue;
      for (const node of configuration.nodes) this.#prepare(node);
    }
  }

  #prepare(node: string): void {
    const from = this.#phase1.cursorOf(node);
    if (from === undefined) return;
    const { id, outbox } = this.#member;
    const { ballot } = this.#phase1;
    if (node === id) this.#member.promiseItself(ballot, from);
    else outbox.send(node, { type: "prepare", ballot, from });
  }

  #promised(from: string, message: Promised): void {
    // What nobody needs to promise any more must not bind it either.
    if (!this.#lacksPromises || !this.#phase1.add(from, message)) return;
    if (message.next > 0) this.#prepare(from);
  }

  #heartbeatReply(peer: Peer, { decided, readRound }: HeartbeatReply): void {
    peer.tells(decided);
    peer.progress.readRound = Math.max(peer.progress.readRound, readRound);
    // What is decided is what a later ballot proposes there, so it is known here now, too.
    const { acceptor } = this.#member;
    const upTo = Math.min(decided, this.#proposedUpTo);
    if (upTo > acceptor.decided) this.#decided(acceptor.decided + 1, upTo);
  }

  /** What is decided was told by one who does not follow. */
  learned(): void {
    const { acceptor, become } = this.#member;
    // Others have decided what this one did not: it leads no more, and had not heard of it.
    if (this.#isEstablished) return become.follow(undefined);
    this.#phase1.decidedUpTo(acceptor.decided);
    this.#proposedUpTo = Math.max(this.#proposedUpTo, acceptor.decided);
    this.#recoveredUpTo = Math.max(this.#recoveredUpTo, acceptor.decided);
  }

  /** Phase 2b has come: decides what a quorum of its voters has accepted, in the slots' order. */
  #decide(): void {
    const { acceptor } = this.#member;
    const { configurations, promised } = acceptor;
    const reached = this.#peers.reached(this.#ownMatch, (peer) => peer.progress.matchIndex);
    for (;;) {
      const next = acceptor.decided + 1;
      const accepted = reachedByQuorum(configurations.at(next), promised, reached);
      const upTo = Math.min(accepted, configurations.lastLike(next), this.#proposedUpTo);
      if (upTo < next) break;
      this.#decided(next, upTo);
    }
  }

  #decided(first: number, last: number): void {
    const { acceptor } = this.#member;
    const { configurations } = acceptor;
    for (let slot = Math.max(first, this.#recoveredUpTo + 1); slot <= last; slot++) {
      this.#undecidedBytes -= acceptor.log.entryAt(slot)!.record.length;
    }
    const before = configurations.latest;
    acceptor.decide(last);
    this.#phase1.decidedUpTo(last);
    if (configurations.latest !== before) {
      this.#meetPeers();
      this.#prepareMore();
    }
    if (!this.#member.isVoter) this.#heartbeat(); // voted out: it leads until they know
  }

  #confirmReads(): void {
    const { acceptor, configuration } = this.#member;
    const confirmed = this.#reads.takeConfirmed(() =>
      reachedByQuorum(
        configuration,
        acceptor.promised,
        this.#peers.reached(this.#reads.number, ({ progress }) => progress.readRound),
      ),
    );
    for (const read of confirmed) this.#confirmedReads.push(read);
  }

  #heartbeat(): void {
    this.#sinceHeartbeatMs = 0;
    this.#peers.heartbeat(this.#reads.number);
  }

  /** Heard from a quorum lately, and can write to its own disk. */
  #stillLeads(): boolean {
    const { configuration, acceptor, diskHangs } = this.#member;
    const active = this.#peers.reached(1, ({ progress }) => (progress.active ? 1 : 0));
    this.#meetPeers();
    for (const { progress } of this.#peers.all.values()) progress.active = false;
    return reachedByQuorum(configuration, acceptor.promised, active) === 1 && !diskHangs;
  }

  /** No-ops take the slots up to where a decided configuration is used, so that it is, soon. */
  #fill(): void {
    if (!this.#isEstablished) return;
    const { latestFrom } = this.#member.acceptor.configurations;
    while (this.lastIndex < latestFrom - 1) this.append("noop");
  }

  #meetPeers(): void {
    this.#peers.meet(this.#reconfiguration.names);
  }
}

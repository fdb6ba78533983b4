import {
  type ConfirmedRead,
  createEntry,
  type EntryKind,
  Progress,
  ReadRounds,
} from "@quorate/replication/driver";
import { invariant } from "./invariant.ts";
import type { AppendRejected, Received } from "./message.ts";
import type { Role, Server } from "./server.ts";

/** §5.3, §5.4 and §8: replicates its log, commits, and confirms reads. */
export class Leader implements Role {
  readonly name = "leader";
  readonly #server: Server;
  readonly #followers = new Map<string, Progress>();
  readonly #reads = new ReadRounds();
  /** The first entry of its own term; nothing is known to be committed before it is (§8). */
  readonly #firstOwnIndex: number;
  #ownMatchIndex = 0;
  #uncommittedBytes = 0;
  #sinceHeartbeatMs = 0;
  #sinceQuorumCheckMs = 0;
  #snapshotsToSend: string[] = [];
  readonly #confirmedReads: ConfirmedRead[] = [];

  constructor(server: Server) {
    this.#server = server;
    const { log, options, others } = server;
    for (const id of others) this.#followers.set(id, new Progress(log.lastIndex + 1, options));
    this.#firstOwnIndex = log.lastIndex + 1;
    this.append("noop");
  }

  /** §8: only once an entry of its own term is committed does it know what is committed. */
  get knowsCommitIndex(): boolean {
    return this.#server.commitIndex >= this.#firstOwnIndex;
  }

  /** How far each follower is, for people to read. */
  get followers(): ReadonlyMap<string, Progress> {
    return this.#followers;
  }

  /** Whether a proposal of that size is within the bound on what may be uncommitted. */
  hasRoomFor(bytes: number): boolean {
    const { maxUncommittedBytes } = this.#server.options;
    return this.#uncommittedBytes === 0 || this.#uncommittedBytes + bytes <= maxUncommittedBytes;
  }

  /** Adds an entry of its own term and returns its index. Sent, and written, with the next flush. */
  append(kind: EntryKind, payload?: Uint8Array): number {
    const { log, term } = this.#server;
    const entry = createEntry(term, kind, payload);
    log.append(entry);
    this.#uncommittedBytes += entry.record.length;
    return log.lastIndex;
  }

  read(id: number): void {
    this.#reads.add(id);
  }

  takeConfirmedReads(): ConfirmedRead[] {
    return this.#confirmedReads.splice(0);
  }

  abandonReads(): number[] {
    return this.#reads.abandon();
  }

  takeSnapshotsToSend(): string[] {
    return this.#snapshotsToSend.splice(0);
  }

  /** The driver has sent a snapshot up to `index` to `to`, or failed to. */
  snapshotSent(to: string, index: number, arrived: boolean): void {
    const progress = this.#followers.get(to);
    if (progress?.state === "snapshot") progress.snapshotEnded(index, arrived);
  }

  tick(elapsedMs: number): void {
    const { electionTimeoutMs, heartbeatMs } = this.#server.options;
    this.#sinceQuorumCheckMs += elapsedMs;
    if (this.#sinceQuorumCheckMs >= electionTimeoutMs) {
      this.#sinceQuorumCheckMs = 0;
      if (!this.#stillLeads()) {
        this.#server.become.follow(this.#server.term, undefined);
        return;
      }
    }
    this.#sinceHeartbeatMs += elapsedMs;
    if (this.#sinceHeartbeatMs < heartbeatMs) return;
    for (const [to, progress] of this.#followers) {
      if (progress.seemsLost()) this.#sendAgain(to, progress);
    }
    this.#heartbeat();
  }

  receive(from: string, message: Received): void {
    if (from === this.#server.id) {
      if (message.type === "append-accepted") this.#ownAccepted(message.matchIndex);
      return;
    }
    const progress = this.#followers.get(from)!;
    progress.active = true;
    switch (message.type) {
      case "append-accepted":
        if (progress.accepted(message.matchIndex)) this.#commit();
        return;
      case "append-rejected":
        return this.#rejected(progress, message);
      case "heartbeat-reply":
        progress.readRound = Math.max(progress.readRound, message.readRound);
        return;
      case "append-request":
      case "heartbeat":
      case "install-snapshot":
        return invariant(false, `${from} and ${this.#server.id} lead in one term`);
      default: // an answer to the campaign that this node has won meanwhile
    }
  }

  /** Sends what followers lack, as far as their windows let it, and begins a round for new reads. */
  flush(): void {
    const { log } = this.#server;
    this.#confirmReads(); // so that there may be room for a round
    if (this.#reads.isDue && this.knowsCommitIndex) {
      this.#reads.begin(this.#server.commitIndex);
      this.#heartbeat();
      this.#confirmReads(); // a cluster of one asks nobody
    }
    for (const [to, progress] of this.#followers) {
      while (progress.canSend && progress.nextIndex <= log.lastIndex) {
        if (!this.#sendNext(to, progress)) break;
      }
    }
  }

  #confirmReads(): void {
    const { voters, id } = this.#server;
    const confirmed = this.#reads.takeConfirmed(() =>
      voters.reachedByQuorum((voter) =>
        voter === id ? this.#reads.number : this.#followers.get(voter)!.readRound,
      ),
    );
    for (const read of confirmed) this.#confirmedReads.push(read);
  }

  #sendNext(to: string, progress: Progress): boolean {
    const { log, options, snapshot } = this.#server;
    if (progress.nextIndex > log.base.index) {
      const last = log.reach(progress.nextIndex, options.maxAppendBytes);
      this.#sendAppend(to, progress, last);
      return true;
    }
    // A peer that says nothing would only block the snapshot for others.
    if (!progress.active) return false;
    progress.needSnapshot(snapshot.index);
    this.#snapshotsToSend.push(to);
    return true;
  }

  #sendAppend(to: string, progress: Progress, lastIndex: number): void {
    const { log, outbox, term, commitIndex } = this.#server;
    const index = progress.nextIndex - 1;
    const previous = { index, term: log.termAt(index)! };
    const entries = log.slice(progress.nextIndex, lastIndex);
    outbox.send(to, { type: "append-request", term, previous, commitIndex, entries });
    progress.sent(
      lastIndex,
      entries.reduce((sum, { record }) => sum + record.length, 0),
    );
  }

  /** An append without entries: it is accepted when only answers were lost, else it is rejected. */
  #sendAgain(to: string, progress: Progress): void {
    if (progress.nextIndex > this.#server.log.base.index) {
      this.#sendAppend(to, progress, progress.nextIndex - 1);
    } else {
      progress.probeFrom(progress.matchIndex + 1);
    }
  }

  #rejected(progress: Progress, { previousIndex, hint }: AppendRejected): void {
    const possible = this.#server.log.lastPossibleMatch(hint);
    progress.rejected(previousIndex, possible.index);
  }

  #ownAccepted(index: number): void {
    this.#ownMatchIndex = Math.max(this.#ownMatchIndex, index);
    this.#commit();
  }

  /** §5.4.2: counts replicas only for entries of its own term; earlier ones are committed with them. */
  #commit(): void {
    const { log, voters, id, term } = this.#server;
    const index = voters.reachedByQuorum((voter) =>
      voter === id ? this.#ownMatchIndex : this.#followers.get(voter)!.matchIndex,
    );
    if (index <= this.#server.commitIndex || log.termAt(index) !== term) return;
    for (let at = this.#server.commitIndex + 1; at <= index; at++) {
      if (at >= this.#firstOwnIndex) this.#uncommittedBytes -= log.entryAt(at).record.length;
    }
    this.#server.commitIndex = index;
  }

  #heartbeat(): void {
    this.#sinceHeartbeatMs = 0;
    const { outbox, term, commitIndex } = this.#server;
    for (const [to, { matchIndex }] of this.#followers) {
      outbox.send(to, {
        type: "heartbeat",
        term,
        // A follower's log is known to agree only up to its match index.
        commitIndex: Math.min(commitIndex, matchIndex),
        readRound: this.#reads.number,
      });
    }
  }

  /** Check-quorum (dissertation, §6.2): heard from a quorum lately, and can write to its own disk. */
  #stillLeads(): boolean {
    const { id, voters, diskHangs } = this.#server;
    const active = new Set([id]);
    for (const [follower, progress] of this.#followers) {
      if (progress.active) active.add(follower);
      progress.active = false;
    }
    return voters.isQuorum(active) && !diskHangs;
  }
}

import { invariant } from "./invariant.ts";
import type { AppendRequest, Heartbeat, InstallSnapshot, Received } from "./message.ts";
import type { Role, Server } from "./server.ts";

/** §5.2, "Followers": answers leaders, and campaigns when it hears of none for too long. */
export class Follower implements Role {
  readonly name = "follower";
  readonly #server: Server;
  #elapsedMs = 0;
  #timeoutMs: number;

  constructor(server: Server) {
    this.#server = server;
    this.#timeoutMs = server.randomElectionTimeoutMs();
  }

  /** Whether a leader was heard of so lately that nobody has cause to campaign (§4.2.3). */
  get hasLiveLeader(): boolean {
    const { leader, options } = this.#server;
    return leader !== undefined && this.#elapsedMs < options.electionTimeoutMs;
  }

  /** It granted its vote: the candidate gets time to win. */
  resetElectionTimer(): void {
    this.#elapsedMs = 0;
    this.#timeoutMs = this.#server.randomElectionTimeoutMs();
  }

  tick(elapsedMs: number): void {
    this.#elapsedMs += elapsedMs;
    // A node whose disk hangs could not vote for itself.
    if (this.#elapsedMs >= this.#timeoutMs && !this.#server.diskHangs) {
      this.#server.become.preCampaign();
    }
  }

  receive(from: string, message: Received): void {
    switch (message.type) {
      case "append-request":
        this.#heard(from);
        return this.#append(from, message);
      case "heartbeat":
        this.#heard(from);
        return this.#heartbeat(from, message);
      case "install-snapshot":
        this.#heard(from);
        return this.#install(from, message);
      default: // an answer that comes late, to a role it no longer has
    }
  }

  #heard(from: string): void {
    const { leader } = this.#server;
    invariant(leader === undefined || leader === from, `${from} and ${leader} lead in one term`);
    this.#server.leader = from;
    this.#elapsedMs = 0;
  }

  #append(from: string, { previous, entries, commitIndex }: AppendRequest): void {
    const { log, outbox, term } = this.#server;
    if (previous.index < log.base.index) {
      // What is compacted is committed, so it is the leader's too (Leader Completeness).
      this.#accept(from, this.#server.commitIndex);
      return;
    }
    if (!log.has(previous)) {
      const hint = log.lastPossibleMatch(previous);
      outbox.send(from, { type: "append-rejected", term, previousIndex: previous.index, hint });
      return;
    }
    const lastVerified = previous.index + entries.length;
    for (let at = 0; at < entries.length; at++) this.#put(previous.index + 1 + at, entries[at]!);
    // Beyond the entries of this message nothing is known to agree (raft.md, 8).
    this.#commitTo(Math.min(commitIndex, lastVerified));
    this.#accept(from, lastVerified);
  }

  /** Only a real conflict removes entries: a delayed, shorter append removes nothing (raft.md, 6). */
  #put(index: number, entry: AppendRequest["entries"][number]): void {
    const { log, commitIndex, persistence } = this.#server;
    const present = log.termAt(index);
    if (present === entry.term) return;
    if (present !== undefined) {
      invariant(index > commitIndex, `committed entry ${index} conflicts with the leader's`);
      log.truncateAfter(index - 1);
    }
    persistence.logChangedFrom(index);
    log.append(entry);
  }

  #heartbeat(from: string, { commitIndex, readRound, term }: Heartbeat): void {
    this.#commitTo(Math.min(commitIndex, this.#server.log.lastIndex));
    this.#server.outbox.send(from, { type: "heartbeat-reply", term, readRound });
  }

  /** §7: "discard the entire log", unless it goes on from where the snapshot ends. */
  #install(from: string, { last }: InstallSnapshot): void {
    const server = this.#server;
    if (last.index > server.commitIndex && !server.log.has(last)) {
      server.log.resetTo(last);
      server.persistence.logReset(last);
      server.snapshot = last;
    }
    this.#commitTo(last.index);
    this.#accept(from, server.commitIndex);
  }

  #commitTo(index: number): void {
    if (index > this.#server.commitIndex) this.#server.commitIndex = index;
  }

  #accept(from: string, matchIndex: number): void {
    this.#server.promise(from, { type: "append-accepted", term: this.#server.term, matchIndex });
  }
}

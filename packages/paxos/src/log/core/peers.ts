import type { Life } from "./configuration.ts";
import type { Member } from "./member.ts";
import { Peer } from "./peer.ts";
import type { Reached } from "./reached-by-quorum.ts";

/** The other nodes, as a leader sees them: how far they are, and what they are sent. */
export class Peers {
  readonly #member: Member;
  readonly #peers = new Map<string, Peer>();
  #snapshotsToSend: string[] = [];

  constructor(member: Member) {
    this.#member = member;
  }

  /** How far each is, for people to read. */
  get all(): ReadonlyMap<string, Peer> {
    return this.#peers;
  }

  get(node: string): Peer | undefined {
    return this.#peers.get(node);
  }

  /** Nodes that need what is trimmed here. */
  takeSnapshotsToSend(): string[] {
    return this.#snapshotsToSend.splice(0);
  }

  /** The driver has sent a snapshot up to `index` to `to`, or failed to. */
  snapshotSent(to: string, index: number, arrived: boolean): void {
    const progress = this.#peers.get(to)?.progress;
    if (progress?.state === "snapshot") progress.snapshotEnded(index, arrived);
  }

  /** All that vote in a slot to come, `newcomers`, and those that must learn that they do not vote. */
  meet(newcomers: readonly string[]): void {
    const { acceptor, options, id } = this.#member;
    const { configurations, decided } = acceptor;
    const needed = new Set(newcomers);
    for (const { nodes } of configurations.since(decided + 1)) {
      for (const node of nodes) needed.add(node);
    }
    for (const [node, { decided: known, progress }] of this.#peers) {
      const isTold = known >= configurations.latestFrom - 1 || !progress.active;
      if (!needed.has(node) && isTold) this.#peers.delete(node);
    }
    needed.delete(id);
    for (const node of needed) {
      if (!this.#peers.has(node)) this.#peers.set(node, new Peer(decided + 1, options));
    }
  }

  /** Undefined of one that has not answered. */
  lifeOf(node: string): Life | undefined {
    return node === this.#member.id ? this.#member.life : this.#peers.get(node)?.life;
  }

  /** How far each has come, this node with its `own`. */
  reached(own: number, valueOf: (peer: Peer) => number): Reached[] {
    const { id, life } = this.#member;
    const reached: Reached[] = [{ node: id, life, value: own }];
    for (const [node, peer] of this.#peers) {
      reached.push({ node, life: peer.life, value: valueOf(peer) });
    }
    return reached;
  }

  heartbeat(readRound: number): void {
    const { outbox, acceptor } = this.#member;
    const { promised: ballot, decided } = acceptor;
    const message = { type: "heartbeat", ballot, decided, readRound } as const;
    for (const to of this.#peers.keys()) outbox.send(to, message);
  }

  /** Sends what each lacks, as far as it is proposed, and as fast as it can take it. */
  sendUpTo(proposedUpTo: number): void {
    for (const [to, { progress }] of this.#peers) {
      while (progress.canSend && progress.nextIndex <= proposedUpTo) {
        if (!this.#sendNext(to, proposedUpTo)) break;
      }
    }
  }

  /** Of what seems lost. An accept without entries: it is answered as the last one would have been. */
  sendLostAgain(): void {
    const { log } = this.#member.acceptor;
    for (const [to, { progress }] of this.#peers) {
      if (!progress.seemsLost()) continue;
      if (progress.nextIndex > log.base.index) this.#sendAccept(to, progress.nextIndex - 1);
      else progress.probeFrom(progress.matchIndex + 1);
    }
  }

  #sendNext(to: string, proposedUpTo: number): boolean {
    const { acceptor, options, outbox } = this.#member;
    const { log, snapshot, decided, configurations } = acceptor;
    const { progress } = this.#peers.get(to)!;
    if (progress.nextIndex > log.base.index) {
      this.#sendAccept(to, log.reach(progress.nextIndex, proposedUpTo, options.maxAppendBytes));
      return true;
    }
    // A node that says nothing would only block the snapshot for others.
    if (!progress.active) return false;
    progress.needSnapshot(snapshot.index);
    const known = { upTo: decided, configurations: configurations.decided };
    outbox.send(to, { type: "configurations", ...known });
    this.#snapshotsToSend.push(to);
    return true;
  }

  #sendAccept(to: string, last: number): void {
    const { acceptor, outbox } = this.#member;
    const { log, promised: ballot, decided } = acceptor;
    const { progress } = this.#peers.get(to)!;
    const first = progress.nextIndex;
    const entries = log.slice(first, last);
    outbox.send(to, { type: "accept", ballot, first, entries, decided });
    let bytes = 0;
    for (const { record } of entries) bytes += record.length;
    progress.sent(last, bytes);
  }
}

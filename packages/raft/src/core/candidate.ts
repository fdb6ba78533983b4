import type { Received } from "./message.ts";
import type { Role, Server } from "./server.ts";

/** Counts the answers of an election; each voter once. */
class Ballot {
  readonly #server: Server;
  readonly #granted = new Set<string>();
  readonly #denied = new Set<string>();

  constructor(server: Server) {
    this.#server = server;
  }

  get won(): boolean {
    return this.#server.voters.isQuorum(this.#granted);
  }

  /** So many said no that a quorum can no longer say yes. */
  get lost(): boolean {
    const { ids, quorum } = this.#server.voters;
    return ids.length - this.#denied.size < quorum;
  }

  count(from: string, granted: boolean): void {
    (granted ? this.#granted : this.#denied).add(from);
  }
}

/**
 * Pre-vote (dissertation, §9.6): asks whether it would win before it raises its term, so that a node
 * that was cut off disturbs nobody when it comes back.
 */
export class PreCandidate implements Role {
  readonly name = "pre-candidate";
  readonly #server: Server;
  readonly #ballot: Ballot;
  #remainingMs: number;

  constructor(server: Server) {
    this.#server = server;
    this.#ballot = new Ballot(server);
    this.#remainingMs = server.randomElectionTimeoutMs();
  }

  /** Asks all others; a cluster of one goes on at once. */
  start(): void {
    const { others, outbox, id, log, term } = this.#server;
    for (const other of others) {
      outbox.send(other, { type: "pre-vote-request", term: term + 1, last: log.last });
    }
    this.#count(id, true);
  }

  tick(elapsedMs: number): void {
    this.#remainingMs -= elapsedMs;
    if (this.#remainingMs <= 0) this.#server.become.preCampaign();
  }

  receive(from: string, message: Received): void {
    if (message.type !== "pre-vote-reply") return;
    // A consent to an earlier campaign says nothing of this one.
    if (message.granted && message.term !== this.#server.term + 1) return;
    this.#count(from, message.granted);
  }

  #count(from: string, granted: boolean): void {
    this.#ballot.count(from, granted);
    if (this.#ballot.won) this.#server.become.campaign();
    else if (this.#ballot.lost) this.#server.become.follow(this.#server.term, undefined);
  }
}

/** §5.2: asks for votes in a new term. Its own vote counts only when it is durable. */
export class Candidate implements Role {
  readonly name = "candidate";
  readonly #server: Server;
  readonly #ballot: Ballot;
  #remainingMs: number;

  constructor(server: Server) {
    this.#server = server;
    this.#ballot = new Ballot(server);
    this.#remainingMs = server.randomElectionTimeoutMs();
  }

  start(): void {
    const { others, id, log, term } = this.#server;
    this.#server.promise(id, { type: "vote-granted", term });
    for (const other of others) {
      this.#server.promise(other, { type: "vote-request", term, last: log.last });
    }
  }

  tick(elapsedMs: number): void {
    this.#remainingMs -= elapsedMs;
    if (this.#remainingMs <= 0) this.#server.become.preCampaign();
  }

  receive(from: string, message: Received): void {
    if (message.type === "vote-granted" || message.type === "vote-denied") {
      this.#ballot.count(from, message.type === "vote-granted");
      if (this.#ballot.won) this.#server.become.lead();
      else if (this.#ballot.lost) this.#server.become.follow(this.#server.term, undefined);
    }
  }
}

import { PromiseCount } from "../../core/promise-count.ts";
import { NO_BALLOT } from "../../core/ballot.ts";
import type { Configuration, Life } from "./configuration.ts";
import type { CanvassReply, Message } from "./message.ts";
import type { Member, Role } from "./member.ts";

/**
 * Asks whether it would be promised a ballot before it begins one: so a node that was cut off deposes
 * nobody when it comes back (as pre-vote in Raft).
 */
export class Canvasser implements Role {
  readonly name = "canvasser";
  readonly #member: Member;
  readonly #configuration: Configuration;
  readonly #round: number;
  readonly #granted: PromiseCount<never>;
  readonly #denied = new Set<string>();
  #remainingMs: number;

  constructor(member: Member) {
    this.#member = member;
    this.#configuration = member.configuration;
    this.#round = member.nextRound;
    this.#granted = new PromiseCount(this.#configuration.quorums, NO_BALLOT);
    this.#remainingMs = member.randomElectionTimeoutMs();
  }

  /** Asks all others; where one is enough, it goes on at once. */
  start(): void {
    const { outbox, id, life, acceptor } = this.#member;
    const { decided } = acceptor;
    for (const node of this.#configuration.nodes) {
      if (node !== id) outbox.send(node, { type: "canvass", round: this.#round, decided });
    }
    this.#count(id, life, true);
  }

  tick(elapsedMs: number): void {
    this.#remainingMs -= elapsedMs;
    if (this.#remainingMs <= 0) this.#member.become.canvass();
  }

  receive(from: string, message: Message): void {
    if (message.type === "canvass-reply") this.#answered(from, message);
  }

  #answered(from: string, { round, granted, promised, life }: CanvassReply): void {
    this.#member.observe(promised);
    if (round === this.#round) this.#count(from, life, granted);
  }

  #count(from: string, life: Life, granted: boolean): void {
    if (!this.#configuration.admits(from, life)) return;
    if (granted) this.#granted.add(from, NO_BALLOT, undefined);
    else this.#denied.add(from);
    const { nodes } = this.#configuration;
    if (this.#granted.isQuorum) this.#member.become.campaign();
    else if (2 * this.#denied.size >= nodes.length) this.#member.become.follow(undefined);
  }
}

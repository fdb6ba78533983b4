import { compareBallots, isSameBallot } from "../../core/ballot.ts";
import type { Message, Nack } from "./message.ts";
import type { Member, Role } from "./member.ts";
import { Phase1 } from "./phase1.ts";

/** Phase 1, for all slots that are not known to be decided. */
export class Candidate implements Role {
  readonly name = "candidate";
  readonly #member: Member;
  readonly #phase1: Phase1;
  #remainingMs: number;
  #sincePrepareMs = 0;

  constructor(member: Member, phase1: Phase1) {
    this.#member = member;
    this.#phase1 = phase1;
    this.#remainingMs = member.randomElectionTimeoutMs();
  }

  /** Phase 1a. */
  start(): void {
    const { ballot } = this.#phase1;
    this.#member.promiseItself(ballot, this.#phase1.cursorOf(this.#member.id)!);
    this.#prepare();
  }

  /** Who has not answered is asked again: a lost prepare or promise is no end. */
  tick(elapsedMs: number): void {
    this.#remainingMs -= elapsedMs;
    if (this.#remainingMs <= 0) return this.#member.become.canvass();
    this.#sincePrepareMs += elapsedMs;
    if (this.#sincePrepareMs >= this.#member.options.heartbeatMs) this.#prepare();
  }

  receive(from: string, message: Message): void {
    if (message.type === "nack") return this.#refused(message);
    if (message.type !== "promise" || !this.#phase1.add(from, message)) return;
    this.#remainingMs = Math.max(this.#remainingMs, this.#member.options.electionTimeoutMs);
    if (this.#phase1.hasQuorum(this.#member.configuration)) {
      return this.#member.become.lead(this.#phase1);
    }
    if (message.next > 0) {
      const { ballot } = this.#phase1;
      this.#member.outbox.send(from, { type: "prepare", ballot, from: message.next });
    }
  }

  /** What is decided was told: nobody needs to be asked for it. */
  learned(): void {
    this.#phase1.decidedUpTo(this.#member.acceptor.decided);
  }

  #refused({ ballot, promised }: Nack): void {
    this.#member.observe(promised);
    const isOutbid = isSameBallot(ballot, this.#phase1.ballot);
    if (isOutbid && compareBallots(promised, ballot) !== 0) this.#member.become.follow(undefined);
  }

  #prepare(): void {
    this.#sincePrepareMs = 0;
    const { outbox, id, configuration } = this.#member;
    for (const node of configuration.nodes) {
      const from = this.#phase1.cursorOf(node);
      if (node === id || from === undefined) continue;
      outbox.send(node, { type: "prepare", ballot: this.#phase1.ballot, from });
    }
  }
}

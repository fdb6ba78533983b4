import { invariant } from "../../core/invariant.ts";
import type { Accept, Heartbeat, Message } from "./message.ts";
import type { Member, Role } from "./member.ts";

/** Accepts what a leader proposes, and canvasses when it hears of none for too long. */
export class Follower implements Role {
  readonly name = "follower";
  readonly #member: Member;
  #elapsedMs = 0;
  readonly #timeoutMs: number;

  constructor(member: Member) {
    this.#member = member;
    this.#timeoutMs = member.randomElectionTimeoutMs();
  }

  /** Whether a leader was heard of so lately that nobody has cause to take its place. */
  get hasLiveLeader(): boolean {
    const { leader, options } = this.#member;
    return leader !== undefined && this.#elapsedMs < options.electionTimeoutMs;
  }

  tick(elapsedMs: number): void {
    this.#elapsedMs += elapsedMs;
    if (this.#elapsedMs < this.#timeoutMs) return;
    const { diskHangs, isVoter, become } = this.#member;
    // A node whose disk hangs, or whose votes do not count, could not even promise itself.
    if (!diskHangs && isVoter) become.canvass();
  }

  receive(from: string, message: Message): void {
    switch (message.type) {
      case "accept":
        this.#elapsedMs = 0;
        return this.#accept(from, message);
      case "heartbeat":
        this.#elapsedMs = 0;
        return this.#heartbeat(from, message);
      default: // an answer that comes late, to a role it no longer has
    }
  }

  #accept(from: string, { ballot, first, entries, decided }: Accept): void {
    const { acceptor, outbox, life } = this.#member;
    invariant(
      acceptor.accept(ballot, first, entries),
      "a leader's ballot was promised, and is not",
    );
    // What is decided in this ballot is what was accepted in it, so not beyond what has come of it.
    acceptor.decide(decided);
    const { match } = acceptor;
    if (match >= first + entries.length - 1) return this.#member.tellAccepted(from);
    outbox.send(from, { type: "missing", ballot, life, first, match });
  }

  #heartbeat(from: string, { ballot, decided, readRound }: Heartbeat): void {
    const { acceptor, outbox, life } = this.#member;
    acceptor.decide(decided);
    const reply = { ballot, life, decided: acceptor.decided, readRound };
    outbox.send(from, { type: "heartbeat-reply", ...reply });
  }
}

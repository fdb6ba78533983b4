import type { Entry } from "@quorate/replication/driver";
import { type Ballot, isSameBallot } from "../../core/ballot.ts";
import { PromiseCount } from "../../core/promise-count.ts";
import { higherProposal, type Proposal } from "../../core/proposal.ts";
import type { Configuration, Life } from "./configuration.ts";
import type { Promised } from "./message.ts";

interface Answer {
  readonly life: Life;
  /** Where its next chunk begins; 0 when all has come. */
  readonly next: number;
}

/**
 * Phase 1 of one ballot, for all slots from one on: who has promised it, and what must be proposed where.
 * It goes on while its proposer leads, since later slots may have other voters.
 */
export class Phase1 {
  readonly ballot: Ballot;
  readonly #answers = new Map<string, Answer>();
  readonly #highest = new Map<number, Proposal<Entry>>();
  #from: number;
  #lastSlot: number;

  constructor(ballot: Ballot, from: number) {
    this.ballot = ballot;
    this.#from = from;
    this.#lastSlot = from - 1;
  }

  /** The last slot in which anybody who promised has accepted anything. */
  get lastSlot(): number {
    return this.#lastSlot;
  }

  /** Whether it may be that who votes in later slots is decided and not known yet. */
  get findsConfiguration(): boolean {
    return [...this.#highest.values()].some(({ value }) => value.kind === "configuration");
  }

  /** Where to ask a node from; undefined when it has answered for all slots. */
  cursorOf(node: string): number | undefined {
    const { next = this.#from } = this.#answers.get(node) ?? {};
    return next === 0 ? undefined : Math.max(next, this.#from);
  }

  /** Takes a chunk of a promise. False when it changes nothing: it came before, or is of another ballot. */
  add(node: string, { ballot, life, from, next, accepted }: Promised): boolean {
    if (!isSameBallot(ballot, this.ballot)) return false;
    const known = this.#answers.get(node);
    // Chunks of two lives do not make one promise.
    const isFirst = known === undefined || known.life.birth !== life.birth;
    const { next: expected } = isFirst ? { next: 1 } : known;
    if (expected === 0 || from < expected || from > Math.max(expected, this.#from)) return false;
    this.#answers.set(node, { life, next });
    for (const { slot, ballot: of, entry } of accepted)
      this.#consider(slot, { ballot: of, value: entry });
    return true;
  }

  /** Whether enough of these voters have promised. */
  hasQuorum(configuration: Configuration): boolean {
    const count = new PromiseCount<never>(configuration.quorums, this.ballot);
    for (const [node, { life, next }] of this.#answers) {
      if (next === 0 && configuration.admits(node, life)) count.add(node, this.ballot, undefined);
    }
    return count.isQuorum;
  }

  /** P2c: the only entry that may be proposed in a slot; undefined when any may. */
  entryFor(slot: number): Entry | undefined {
    return this.#highest.get(slot)?.value;
  }

  /** The slots up to here are decided: nobody needs to be asked for them any more. */
  decidedUpTo(slot: number): void {
    this.#from = Math.max(this.#from, slot + 1);
    for (const known of this.#highest.keys()) if (known <= slot) this.#highest.delete(known);
  }

  #consider(slot: number, proposal: Proposal<Entry>): void {
    if (slot < this.#from) return;
    this.#highest.set(slot, higherProposal(this.#highest.get(slot), proposal)!);
    this.#lastSlot = Math.max(this.#lastSlot, slot);
  }
}

import type { Outcome, RejectionReason, UnknownReason } from "../outcome.ts";
import type { Applied } from "../sessioned-state-machine.ts";

interface Proposal {
  readonly term: number;
  readonly deadlineMs: number;
  readonly settle: (outcome: ProposalOutcome) => void;
}

/** How a proposal ended: what the log says, before it is put in the caller's terms. */
export type ProposalOutcome = Outcome<Applied>;

/** Those who wait for an entry of this node's to be applied, by its index. */
export class Proposals {
  readonly #waiting = new Map<number, Proposal>();

  get size(): number {
    return this.#waiting.size;
  }

  add(index: number, proposal: Proposal): void {
    this.#waiting.set(index, proposal);
  }

  /** The entry at `index` is applied. One of another term took the place of what was proposed. */
  applied(index: number, term: number, applied: Applied): void {
    const proposal = this.#take(index);
    if (!proposal) return;
    if (proposal.term === term) proposal.settle({ kind: "committed", index, result: applied });
    else proposal.settle({ kind: "rejected", reason: "superseded" });
  }

  /** A snapshot passed over these places: nobody can say any more what stands there (raft.md, 22). */
  passedBySnapshot(upTo: number): void {
    this.#settleWhere((index) => index <= upTo, "snapshot");
  }

  expire(nowMs: number): void {
    this.#settleWhere((_, { deadlineMs }) => deadlineMs <= nowMs, "timeout");
  }

  /** The caller of what was proposed at `index` in `term` waits no longer. */
  abort(index: number, term: number): void {
    if (this.#waiting.get(index)?.term !== term) return;
    this.#take(index)?.settle({ kind: "unknown", reason: "aborted" });
  }

  settleAll(reason: "leadership-lost" | "stopped"): void {
    this.#settleWhere(() => true, reason);
  }

  #take(index: number): Proposal | undefined {
    const proposal = this.#waiting.get(index);
    if (proposal) this.#waiting.delete(index);
    return proposal;
  }

  #settleWhere(ends: (index: number, proposal: Proposal) => boolean, reason: UnknownReason): void {
    for (const [index, proposal] of this.#waiting) {
      if (!ends(index, proposal)) continue;
      this.#waiting.delete(index);
      proposal.settle({ kind: "unknown", reason });
    }
  }
}

export function rejected(reason: RejectionReason, leader?: string): ProposalOutcome {
  return leader === undefined ? { kind: "rejected", reason } : { kind: "rejected", reason, leader };
}

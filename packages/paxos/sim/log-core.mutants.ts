import type { MutantsOfTarget } from "@quorate/sim";

const LOG = "packages/paxos/src/log/core";
const CORE = "packages/paxos/src/core";

const mutants: MutantsOfTarget = {
  target: "log-core",
  maxSeeds: 2_000,
  mutants: [
    {
      bug: "a stale promise is counted: of an earlier ballot",
      file: `${LOG}/phase1.ts`,
      original: "if (!isSameBallot(ballot, this.ballot)) return false;",
      planted: "",
    },
    {
      bug: "the entry of the lowest ballot is adopted, not that of the highest",
      file: `${CORE}/proposal.ts`,
      original: "return compareBallots(b.ballot, a.ballot) > 0 ? b : a;",
      planted: "return compareBallots(b.ballot, a.ballot) < 0 ? b : a;",
    },
    {
      bug: "the entry that was heard of first is adopted",
      file: `${LOG}/phase1.ts`,
      original: "higherProposal(this.#highest.get(slot), proposal)!",
      planted: "this.#highest.get(slot) ?? higherProposal(undefined, proposal)!",
    },
    {
      bug: "what promises tell is not adopted at all",
      file: `${LOG}/leader.ts`,
      original: 'entries.push(bound ?? createEntry(this.#member.term, "noop"));',
      planted: 'entries.push(createEntry(this.#member.term, "noop"));',
    },
    {
      bug: "an accept does not raise the promise",
      file: `${LOG}/acceptor.ts`,
      original: "if (!this.#raise(ballot)) return false;\n    for (",
      planted: "for (",
    },
    {
      bug: "a lower ballot is accepted after a promise",
      file: `${CORE}/acceptor-state.ts`,
      original: "if (order < 0) return undefined;",
      planted: "if (order < 0) return state;",
      firstSeed: 237,
    },
    {
      bug: "a promise is not written",
      file: `${LOG}/acceptor.ts`,
      original: "    this.#recount();\n    this.#record();\n    return true;",
      planted: "    this.#recount();\n    return true;",
    },
    {
      bug: "answers are sent one write too early",
      file: `${CORE}/persistence.ts`,
      original: "findIndex(({ sequence }) => sequence > this.#proof.sequence)",
      planted: "findIndex(({ sequence }) => sequence > this.#proof.sequence + 1)",
    },
    {
      bug: "ballots are used again after a restart",
      file: `${LOG}/member.ts`,
      original: "    this.observe(recovered.promised);\n",
      planted: "",
      firstSeed: 445,
    },
    {
      bug: "a leader that hears of nobody goes on to lead",
      file: `${LOG}/leader.ts`,
      original:
        "return reachedByQuorum(configuration, acceptor.promised, active) === 1 && !diskHangs;",
      planted: "return configuration === acceptor.configurations.latest || active.length > 0;",
    },
    {
      bug: "a promise is taken for all slots when only its first chunk has come",
      file: `${LOG}/phase1.ts`,
      original: "if (next === 0 && configuration.admits(node, life))",
      planted: "if (configuration.admits(node, life))",
    },
    {
      bug: "a minority decides",
      file: `${CORE}/quorum/flexible-quorums.ts`,
      original: "isPhase2Quorum: (set: NodeSet) => sizeOf(set) >= phase2,",
      planted: "isPhase2Quorum: (set: NodeSet) => sizeOf(set) >= Math.max(1, phase2 - 1),",
    },
    {
      bug: "decided slots that were not accepted in the leader's ballot are taken as they are",
      file: `${LOG}/acceptor.ts`,
      original: "this.#decideUpTo(Math.min(index, this.#match));",
      planted: "this.#decideUpTo(Math.min(index, this.log.lastIndex));",
    },
    {
      bug: "gaps are not filled with no-ops: a leader begins after the last slot that it heard of",
      file: `${LOG}/leader.ts`,
      original: "this.#proposedUpTo = member.acceptor.decided;",
      planted: "this.#proposedUpTo = Math.max(member.acceptor.decided, phase1.lastSlot);",
    },
    {
      bug: "trimmed slots are answered as empty",
      file: `${LOG}/log-core.ts`,
      original: "if (first <= base.index) {",
      planted: "if (first <= base.index && first < 0) {",
      firstSeed: 740,
    },
    {
      bug: "an old leader serves a read: no round is asked",
      file: "packages/replication/src/driver/read-rounds.ts",
      original: "if (number > reached) break;",
      planted: "if (number > reached + 1) break;",
    },
    {
      bug: "a new leader serves reads before what it found is decided",
      file: `${LOG}/leader.ts`,
      original: "if (this.#reads.isDue && this.knowsDecided) {",
      planted: "if (this.#reads.isDue) {",
    },
    {
      bug: "a lost accept is not sent again",
      file: `${LOG}/peers.ts`,
      original: "if (!progress.seemsLost()) continue;",
      planted: "if (!progress.seemsLost() || to !== this.#member.id) continue;",
    },
    {
      bug: "a lost prepare is not sent again",
      file: `${LOG}/candidate.ts`,
      original: "if (this.#remainingMs <= 0) return this.#member.become.canvass();",
      planted: "if (this.#remainingMs <= 0) return;",
      firstSeed: 527,
    },
  ],
};

export default mutants;

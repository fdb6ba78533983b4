import type { MutantsOfTarget } from "@quorate/sim";

const CORE = "packages/paxos/src/core";

const mutants: MutantsOfTarget = {
  target: "synod",
  maxSeeds: 20_000,
  mutants: [
    {
      bug: "a ballot is used again after a restart",
      file: `${CORE}/identity.ts`,
      original: "incarnation: last.incarnation + 1",
      planted: "incarnation: last.incarnation",
    },
    {
      bug: "a node that lost its disk uses its old ballots again",
      file: `${CORE}/identity.ts`,
      original: "integerBetween(random, 1, LARGEST_BIRTH)",
      planted: "integerBetween(random, 1, 1)",
      firstSeed: 7331,
    },
    {
      bug: "a node that lost its disk votes again",
      file: `${CORE}/identity.ts`,
      original: "votes: isBootstrap",
      planted: "votes: true",
    },
    {
      bug: "a promise for an earlier ballot counts for the current one",
      file: `${CORE}/promise-count.ts`,
      original: "if (!isSameBallot(ballot, this.ballot)) return false;",
      planted: "",
    },
    {
      bug: "the first value among the promises is proposed, not that of the highest ballot",
      file: `${CORE}/proposal.ts`,
      original: "return compareBallots(b.ballot, a.ballot) > 0 ? b : a;",
      planted: "return a;",
      firstSeed: 555,
    },
    {
      bug: "the highest value is proposed, not that of the highest ballot",
      file: `${CORE}/proposal.ts`,
      original: "return compareBallots(b.ballot, a.ballot) > 0 ? b : a;",
      planted: "return b.value > a.value ? b : a;",
      firstSeed: 3720,
    },
    {
      bug: "a proposer proposes its own value, whatever was accepted before",
      file: `${CORE}/synod/proposer.ts`,
      original: "highest ?? this.#own!",
      planted: "(highest && this.#own) ?? this.#own!",
    },
    {
      bug: "a learner counts acceptors per value",
      file: `${CORE}/synod/learner.ts`,
      original: `    const { count, value } = this.#ballotOf(proposal);
    count.add(from, proposal.ballot);`,
      planted: `    const same = this.#heard.find((heard) => heard.value === proposal.value);
    const { count, value } = same ?? this.#ballotOf(proposal);
    count.add(from, count.ballot);`,
    },
    {
      bug: "an answer that comes twice counts twice",
      file: `${CORE}/quorum/node-set.ts`,
      original: "set | (1 << at)",
      planted: "set + (1 << at)",
    },
    {
      bug: "an accept does not raise the promise",
      file: `${CORE}/acceptor-state.ts`,
      original: "{ promised: proposal.ballot, accepted: proposal }",
      planted: "{ promised: state.promised, accepted: proposal }",
      firstSeed: 3004,
    },
    {
      bug: "an acceptor accepts below its promise",
      file: `${CORE}/acceptor-state.ts`,
      original: "if (compareBallots(proposal.ballot, state.promised) < 0) return undefined;",
      planted: "",
    },
    {
      bug: "an acceptor promises below its promise",
      file: `${CORE}/acceptor-state.ts`,
      original: "if (order < 0) return undefined;",
      planted: "",
    },
    {
      bug: "a new promise forgets what was accepted",
      file: `${CORE}/acceptor-state.ts`,
      original: "{ promised: ballot, accepted: state.accepted }",
      planted: "{ promised: ballot, accepted: undefined }",
    },
    {
      bug: "an acceptor answers one write too early",
      file: `${CORE}/persistence.ts`,
      original: "findIndex(({ sequence }) => sequence > this.#proof.sequence)",
      planted: "findIndex(({ sequence }) => sequence > this.#proof.sequence + 1)",
    },
    {
      bug: "quorum minus one in phase 1",
      file: `${CORE}/quorum/flexible-quorums.ts`,
      original: "sizeOf(set) >= phase1",
      planted: "sizeOf(set) >= phase1 - 1",
    },
    {
      bug: "quorum minus one in phase 2",
      file: `${CORE}/quorum/flexible-quorums.ts`,
      original: "sizeOf(set) >= phase2",
      planted: "sizeOf(set) >= phase2 - 1",
    },
    {
      bug: "flexible quorums that need not meet are let through",
      file: `${CORE}/quorum/flexible-quorums.ts`,
      original: "phase1 + phase2 > nodes.length",
      planted: "phase1 + phase2 >= nodes.length",
    },
    {
      bug: "half of the weight is a quorum",
      file: `${CORE}/quorum/weighted-quorums.ts`,
      original: "2 * weightOf(set, byNode) > total",
      planted: "2 * weightOf(set, byNode) >= total",
    },
    {
      bug: "part of a row or column of the grid is a quorum",
      file: `${CORE}/quorum/grid-quorums.ts`,
      original: "(set & quorum) === quorum",
      planted: "(set & quorum) !== 0",
    },
    {
      bug: "a lost prepare or accept is never sent again",
      file: `${CORE}/synod/proposer.ts`,
      original: "if (this.#sinceSentMs >= this.#parts.retransmitMs) this.#send();",
      planted: "",
    },
    {
      bug: "a learner that missed what is chosen does not ask",
      file: `${CORE}/synod/learner.ts`,
      original: 'outbox.send(node, { type: "learn" });',
      planted: "void [node, outbox];",
    },
    {
      bug: "a proposer that was outbid gives up",
      file: `${CORE}/synod/proposer.ts`,
      original: "if (this.#phase.remainingMs <= 0) this.#prepare();",
      planted: "",
    },
  ],
};

export default mutants;

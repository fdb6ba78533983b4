import type { MutantsOfTarget } from "@quorate/sim";

const CORE = "packages/paxos/src/core";
const REGISTER = "packages/paxos/src/register";

const mutants: MutantsOfTarget = {
  target: "register",
  maxSeeds: 400,
  mutants: [
    {
      bug: "a promise for an earlier ballot counts for the current one",
      file: `${CORE}/promise-count.ts`,
      original: "if (!isSameBallot(ballot, this.ballot)) return false;",
      planted: "",
    },
    {
      bug: "the promise that is kept is for the ballot that was used already",
      file: `${REGISTER}/core/key-proposer.ts`,
      original: "new PromiseCount<Cell>(quorums, ballots.next())",
      planted: "new PromiseCount<Cell>(quorums, ballots && ballot)",
    },
    {
      bug: "promises that were kept answer an operation by themselves",
      file: `${REGISTER}/core/key-proposer.ts`,
      original: "      return this.#settle(decided.settlements);",
      planted:
        "      this.#keep({ promised: ballot, accepted: undefined });\n" +
        "      return this.#settle(decided.settlements);",
    },
    {
      bug: "the first value among the promises is proposed, not that of the highest ballot",
      file: `${CORE}/proposal.ts`,
      original: "return compareBallots(b.ballot, a.ballot) > 0 ? b : a;",
      planted: "return a;",
    },
    {
      bug: "an accept does not raise the promise",
      file: `${CORE}/acceptor-state.ts`,
      original: "{ promised: proposal.ballot, accepted: proposal }",
      planted: "{ promised: state.promised, accepted: proposal }",
    },
    {
      bug: "a read is answered by one acceptor",
      file: `${REGISTER}/core/query-tally.ts`,
      original:
        "return this.#quorums.isPhase1Quorum(nodes) && this.#quorums.isPhase2Quorum(nodes);",
      planted: "return nodes !== NOBODY;",
    },
    {
      bug: "acceptors that disagree answer a read in one round trip",
      file: `${REGISTER}/core/query-tally.ts`,
      original: "this.#groups.find((each) => isSame(each.accepted, accepted))",
      planted: "this.#groups.find(() => true)",
    },
    {
      bug: "a comparison that fails is not ordered",
      file: `${REGISTER}/core/key-proposer.ts`,
      original: "if (!decided.cell && !this.#attempts) {",
      planted: "if (decided.cell === cell) {",
    },
    {
      bug: "an attempt that another proposer finished is made again",
      file: `${REGISTER}/core/attempts.ts`,
      original: 'if (applied) return { kind: "applied", results: applied.results };',
      planted: "",
    },
    {
      bug: "a timeout is called rejected",
      file: `${REGISTER}/core/key-proposer.ts`,
      original: 'isProposed && operation.kind === "write"',
      planted: "isProposed && false",
    },
    {
      bug: "a deleted key is forgotten with its promise, and resurrected by a late accept",
      file: `${REGISTER}/core/forgotten-keys.ts`,
      original: "promised: this.#highest, accepted: undefined",
      planted: 'promised: { round: 0, node: "", incarnation: 0 }, accepted: undefined',
    },
    {
      bug: "a key is forgotten once a majority has emptied it",
      file: `${REGISTER}/core/key-proposer.ts`,
      original: "isCollection ? this.#parts.everybody() : this.#parts.quorums()",
      planted: "isCollection ? this.#parts.quorums() : this.#parts.quorums()",
    },
    {
      bug: "a key is forgotten though something was written since",
      file: `${REGISTER}/core/forgotten-keys.ts`,
      original: `    accepted.value.value === undefined &&
    isSameBallot(accepted.ballot, ballot) &&
    isSameBallot(promised, ballot)`,
      planted: "    isSameBallot(ballot, ballot) && isSameBallot(promised, promised)",
    },
    {
      bug: "a ballot is used again after a restart",
      file: `${CORE}/identity.ts`,
      original: "incarnation: last.incarnation + 1",
      planted: "incarnation: last.incarnation",
    },
    {
      bug: "an acceptor answers before its write is durable",
      file: `${REGISTER}/core/register-acceptor.ts`,
      original: "Math.max(writtenIn, this.#configWrittenIn) <= persistence.proof.sequence;",
      planted: "Math.max(writtenIn, this.#configWrittenIn) <= Infinity;",
    },
    {
      bug: "a node that lost its disk votes again",
      file: `${REGISTER}/core/register-config.ts`,
      original: "member?.birth === 0 ? identity.votes : member?.birth === identity.birth",
      planted: "member?.birth === 0 || member?.birth === identity.birth",
    },
    {
      bug: "new members count before the keys are carried over",
      file: `${REGISTER}/driver/member-change.ts`,
      original: "const carried = await this.#carryAll(config);",
      planted: "const carried = config.forgotten;",
    },
    {
      bug: "the cleaner brings back what is being replaced",
      file: `${REGISTER}/storage/log-register-storage.ts`,
      original: "    if (this.#isPending(found.key)) return false;",
      planted: "",
    },
    {
      bug: "a member comes back with what it knew",
      file: `${REGISTER}/core/register-core.ts`,
      original: "if (now && now.joined !== before?.joined) this.#acceptor.reset();",
      planted: "",
    },
  ],
};

export default mutants;

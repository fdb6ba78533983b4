import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  accept,
  AcceptCount,
  type AcceptorState,
  type Ballot,
  compareBallots,
  higherProposal,
  isSameBallot,
  majorityQuorums,
  promise,
  PromiseCount,
  type Proposal,
  UNTOUCHED,
} from "../src/index.ts";

function ballot(round: number, node = "a"): Ballot {
  return { round, node, incarnation: 1 };
}

const anyBallot = fc
  .tuple(fc.integer({ min: 1, max: 5 }), fc.constantFrom("a", "b"))
  .map(([round, node]) => ballot(round, node));
const anyProposal: fc.Arbitrary<Proposal<string>> = anyBallot.map((of) => ({
  ballot: of,
  value: `v${of.round}${of.node}`,
}));
const asked = fc.array(
  fc.oneof(
    fc.record({ kind: fc.constant("prepare" as const), ballot: anyBallot }),
    fc.record({ kind: fc.constant("accept" as const), proposal: anyProposal }),
  ),
  { maxLength: 20 },
);

describe("the acceptor's rules", () => {
  it("P1: an acceptor must accept the first proposal that it receives", () => {
    const proposal = { ballot: ballot(1), value: "noodles" };
    expect(accept(UNTOUCHED, proposal)).toEqual({ promised: proposal.ballot, accepted: proposal });
  });

  it("P1a: it accepts iff it has not responded to a prepare with a greater number", () => {
    fc.assert(
      fc.property(asked, anyProposal, (requests, proposal) => {
        let state: AcceptorState<string> = UNTOUCHED;
        let highest: Ballot | undefined;
        for (const request of requests) {
          const of = request.kind === "prepare" ? request.ballot : request.proposal.ballot;
          const next =
            request.kind === "prepare" ? promise(state, of) : accept(state, request.proposal);
          // A second way to say it: it answers iff nothing higher was answered before.
          expect(next !== undefined).toBe(!highest || compareBallots(of, highest) >= 0);
          if (!next) continue;
          state = next;
          highest = of;
        }
        const mayAccept = !highest || compareBallots(proposal.ballot, highest) >= 0;
        expect(accept(state, proposal) !== undefined).toBe(mayAccept);
      }),
    );
  });

  it("paxos.md 4: accepting raises the promise, so that no lower ballot is accepted afterwards", () => {
    const high = accept<string>(UNTOUCHED, { ballot: ballot(2), value: "noodles" })!;
    expect(high.promised).toEqual(ballot(2));
    expect(promise(high, ballot(1))).toBeUndefined();
    expect(accept(high, { ballot: ballot(1), value: "tea" })).toBeUndefined();
  });

  it("a promise takes nothing back: what was accepted stays until another is accepted", () => {
    const state = accept<string>(UNTOUCHED, { ballot: ballot(1), value: "noodles" })!;
    expect(promise(state, ballot(7))).toEqual({ promised: ballot(7), accepted: state.accepted });
  });

  it("a message that comes twice is answered twice, and changes nothing", () => {
    const promised = promise<string>(UNTOUCHED, ballot(1))!;
    expect(promise(promised, ballot(1))).toBe(promised);
    const accepted = accept(promised, { ballot: ballot(1), value: "noodles" })!;
    expect(accept(accepted, { ballot: ballot(1), value: "noodles" })).toBe(accepted);
    expect(promise(accepted, ballot(1))).toBe(accepted);
  });
});

describe("counting promises", () => {
  const quorums = majorityQuorums(["a", "b", "c"]);

  it("P2c, B3, paxos.md 5: the value is that of the highest ballot, in whatever order they come", () => {
    fc.assert(
      fc.property(fc.array(fc.option(anyProposal, { nil: undefined })), (proposals) => {
        const found = proposals.reduce(higherProposal<string>, undefined);
        const naive = proposals
          .filter((one) => one !== undefined)
          .toSorted((a, b) => compareBallots(a.ballot, b.ballot))
          .at(-1);
        expect(found).toEqual(naive);
      }),
    );
  });

  it("paxos.md 5: not the first and not the most frequent value", () => {
    const five = majorityQuorums(["a", "b", "c", "d", "e"]);
    const count = new PromiseCount<string>(five, ballot(9));
    count.add("a", ballot(9), { ballot: ballot(1), value: "tea" });
    count.add("b", ballot(9), { ballot: ballot(3), value: "noodles" });
    count.add("c", ballot(9), { ballot: ballot(1), value: "tea" });
    expect([count.isQuorum, count.highest?.value]).toEqual([true, "noodles"]);
  });

  it("paxos.md 2: a promise for an earlier ballot, or an earlier incarnation's, does not count", () => {
    const count = new PromiseCount<string>(quorums, ballot(2));
    const accepted = { ballot: ballot(1), value: "tea" };
    expect(count.add("a", ballot(1), accepted)).toBe(false);
    expect(count.add("b", { ...ballot(2), incarnation: 2 }, accepted)).toBe(false);
    expect([count.isQuorum, count.highest, count.has("a")]).toEqual([false, undefined, false]);
  });

  it("each acceptor counts once, a stranger never", () => {
    const promises = new PromiseCount<string>(quorums, ballot(1));
    const accepts = new AcceptCount(quorums, ballot(1));
    const answers = [
      ["a", true],
      ["a", false],
      ["x", false],
    ] as const;
    for (const [from, counts] of answers) {
      expect(promises.add(from, ballot(1), undefined)).toBe(counts);
      expect(accepts.add(from, ballot(1))).toBe(counts);
    }
    expect([promises.isQuorum, accepts.isQuorum]).toEqual([false, false]);
    promises.add("c", ballot(1), undefined);
    accepts.add("c", ballot(1));
    expect([promises.isQuorum, accepts.isQuorum]).toEqual([true, true]);
  });

  it("counts as a set of pairs would", () => {
    const answer = fc.record({ from: fc.constantFrom("a", "b", "c", "x"), ballot: anyBallot });
    fc.assert(
      fc.property(anyBallot, fc.array(answer), (own, answers) => {
        const count = new AcceptCount(quorums, own);
        for (const { from, ballot: of } of answers) count.add(from, of);
        const naive = new Set(
          answers
            .filter((one) => isSameBallot(one.ballot, own) && one.from !== "x")
            .map((one) => one.from),
        );
        expect(count.isQuorum).toBe(naive.size >= 2);
      }),
    );
  });
});

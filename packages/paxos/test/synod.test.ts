import { seededRandom } from "@quorate/runtime";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { drawQuorums } from "../sim/drawn-quorums.ts";
import { SynodSafety } from "../sim/synod-safety.ts";
import target from "../sim/synod.sim.ts";
import {
  type AcceptorState,
  type Ballot,
  compareBallots,
  higherProposal,
  isSameBallot,
  majorityQuorums,
  NO_BALLOT,
  type Proposal,
} from "../src/index.ts";
import { isolated, SynodCluster } from "./synod-cluster.ts";

const THREE = majorityQuorums(["n1", "n2", "n3"]);
const FIVE = majorityQuorums(["n1", "n2", "n3", "n4", "n5"]);

function knownIn(cluster: SynodCluster): (string | undefined)[] {
  return cluster.nodes.map((id) => cluster.chosenBy(id));
}

describe("the Synod, message by message", () => {
  it("one proposer, no fault: prepare, promise, accept, accepted, chosen; all know the value", () => {
    const cluster = new SynodCluster(THREE);
    cluster.propose("n1", "noodles");
    cluster.settle();
    expect(knownIn(cluster)).toEqual(["noodles", "noodles", "noodles"]);
    const kinds = cluster.sent.map(({ from, to, message }) => `${from}>${to} ${message.type}`);
    expect(kinds).toEqual([
      ...["n1>n2 prepare", "n1>n3 prepare", "n2>n1 promise", "n3>n1 promise"],
      ...["n1>n2 accept", "n1>n3 accept", "n2>n1 accepted", "n3>n1 accepted"],
      ...["n1>n2 chosen", "n1>n3 chosen"],
    ]);
  });

  it("two of five are down: the other three decide", () => {
    const cluster = new SynodCluster(FIVE);
    cluster.delivers = isolated("n4", "n5");
    cluster.propose("n2", "noodles");
    cluster.settle();
    expect(knownIn(cluster).slice(0, 3)).toEqual(["noodles", "noodles", "noodles"]);
  });

  it("three of five are down: nothing is chosen, until one of them comes back", () => {
    const cluster = new SynodCluster(FIVE);
    cluster.delivers = isolated("n3", "n4", "n5");
    cluster.propose("n1", "noodles");
    cluster.run(1_000);
    expect(knownIn(cluster)).toEqual(Array(5).fill(undefined));
    cluster.delivers = isolated("n4", "n5");
    cluster.run(1_000);
    expect(knownIn(cluster).slice(0, 3)).toEqual(["noodles", "noodles", "noodles"]);
  });

  it("P2c: a later proposer takes over the value that may be chosen, and not its own", () => {
    const cluster = new SynodCluster(THREE);
    // n1's value is accepted by a majority, and nobody hears of it.
    cluster.delivers = ({ message }) => message.type !== "accepted" && message.type !== "chosen";
    cluster.propose("n1", "noodles");
    cluster.settle();
    cluster.boot("n1");
    cluster.delivers = () => true;
    cluster.propose("n3", "tea");
    cluster.run(500);
    expect(knownIn(cluster)).toEqual(["noodles", "noodles", "noodles"]);
  });

  it("paxos.md 3: promise and acceptance leave only when they are durable", () => {
    const cluster = new SynodCluster(THREE);
    cluster.disksAreFast = false;
    cluster.propose("n1", "noodles");
    cluster.settle();
    expect(cluster.sentOf("promise")).toEqual([]);
    cluster.completeWrites("n2");
    expect(cluster.sentOf("promise").map(({ from }) => from)).toEqual(["n2"]);
    cluster.completeWrites("n1");
    cluster.settle();
    expect(cluster.sentOf("accept").length).toBeGreaterThan(0);
    expect(cluster.sentOf("accepted")).toEqual([]);
    cluster.completeWrites("n2");
    cluster.completeWrites("n1");
    cluster.settle();
    expect(cluster.chosenBy("n1")).toBe("noodles");
  });

  it("a crash between write and reply takes nothing back: what was not durable was not promised", () => {
    const cluster = new SynodCluster(THREE);
    cluster.disksAreFast = false;
    cluster.propose("n1", "noodles");
    cluster.settle();
    cluster.boot("n2");
    expect(cluster.core("n2").acceptor!.state.promised).toEqual(NO_BALLOT);
    expect(cluster.sentOf("promise")).toEqual([]);
  });

  it("paxos.md 6: a learner counts acceptors per ballot, and none twice", () => {
    const cluster = new SynodCluster(FIVE);
    const accepted = (from: string, round: number): void => {
      const ballot = { round, node: "n1", incarnation: 1 };
      const message = { type: "accepted", proposal: { ballot, value: "noodles" } } as const;
      cluster.act("n5", (core) => core.receive(from, message));
    };
    accepted("n1", 1);
    accepted("n1", 1);
    accepted("n2", 1);
    accepted("n3", 2);
    accepted("n4", 2);
    expect(cluster.chosenBy("n5")).toBeUndefined();
    accepted("n1", 2);
    expect(cluster.chosenBy("n5")).toBe("noodles");
  });

  it("a learner forgets no ballot that matters: after a hundred others it still learns", () => {
    const cluster = new SynodCluster(THREE);
    for (let round = 1; round <= 100; round++) {
      const ballot = { round, node: "n1", incarnation: 1 };
      const message = { type: "accepted", proposal: { ballot, value: `v${round}` } } as const;
      cluster.act("n3", (core) => core.receive("n1", message));
    }
    const ballot = { round: 99, node: "n1", incarnation: 1 };
    const message = { type: "accepted", proposal: { ballot, value: "v99" } } as const;
    cluster.act("n3", (core) => core.receive("n2", message));
    expect(cluster.chosenBy("n3")).toBe("v99");
  });

  it("paxos.md 8: a node that lost its disk does not vote, and still proposes and learns", () => {
    const cluster = new SynodCluster(THREE);
    cluster.wipe("n3");
    expect(cluster.core("n3").acceptor).toBeUndefined();
    cluster.propose("n3", "noodles");
    cluster.run(500);
    expect(knownIn(cluster)).toEqual(["noodles", "noodles", "noodles"]);
    expect(
      cluster.sent.filter(({ from, message }) => from === "n3" && message.type === "accepted"),
    ).toEqual([]);
    cluster.boot("n3");
    expect(cluster.core("n3").acceptor).toBeUndefined();
  });

  it("paxos.md 16: each message may be lost once, whichever: it is sent again", () => {
    const lossless = new SynodCluster(THREE);
    lossless.propose("n1", "noodles");
    lossless.settle();
    for (let lost = 0; lost < lossless.sent.length; lost++) {
      const cluster = new SynodCluster(THREE);
      let arrived = 0;
      cluster.delivers = () => arrived++ !== lost;
      cluster.propose("n1", "noodles");
      cluster.run(500);
      expect(knownIn(cluster), `message ${lost} lost`).toEqual(Array(3).fill("noodles"));
    }
  });

  it("paxos.md 16: nine of ten messages are lost, and in the end all know", () => {
    const cluster = new SynodCluster(FIVE);
    const random = seededRandom("loss");
    cluster.delivers = () => random.next() < 0.1;
    cluster.propose("n1", "noodles");
    cluster.run(60_000);
    expect(knownIn(cluster)).toEqual(Array(5).fill("noodles"));
  });

  it.each([1, 2, 3, 4, 5, 6, 7, 8])(
    "paxos.md 7: duelling proposers get through, also when one of them is not heard; seed %i",
    (seed) => {
      const cluster = new SynodCluster(FIVE, `duel ${seed}`);
      // n5 is heard by all, and hears only n4, which tells it of each higher ballot.
      cluster.delivers = ({ from, to }) => to !== "n5" || from === "n4" || from === "n5";
      for (const id of cluster.nodes) cluster.propose(id, id);
      cluster.run(60_000);
      const [first] = knownIn(cluster);
      expect(knownIn(cluster).slice(0, 4)).toEqual(Array(4).fill(first));
      expect(first).toBeDefined();
    },
  );

  it("messages of strangers are not counted", () => {
    const cluster = new SynodCluster(THREE);
    cluster.delivers = () => false;
    cluster.propose("n1", "noodles");
    const { ballot } = cluster.core("n1").proposer;
    for (const stranger of ["x", "y"]) {
      cluster.act("n1", (core) =>
        core.receive(stranger, { type: "promise", ballot: ballot!, accepted: undefined }),
      );
    }
    expect(cluster.core("n1").proposer.phase).toBe("prepare");
  });
});

type Step =
  | { readonly kind: "deliver" | "lose" | "duplicate"; readonly at: number }
  | { readonly kind: "tick"; readonly node: number; readonly ms: number }
  | { readonly kind: "write" | "restart" | "wipe" | "propose"; readonly node: number };

const at = fc.nat();
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 12, arbitrary: fc.record({ kind: fc.constant("deliver" as const), at }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom("lose", "duplicate"), at }) },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant("tick" as const), node: at, ms: fc.nat(200) }),
  },
  { weight: 6, arbitrary: fc.record({ kind: fc.constant("write" as const), node: at }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constantFrom("restart", "propose", "propose", "propose", "wipe"),
      node: at,
    }),
  },
);

const someSteps = fc.array(step, { minLength: 100, maxLength: 300 });

/** Carries out any steps in any order; all that goes wrong throws. */
function carryOut(cluster: SynodCluster, safety: SynodSafety, steps: readonly Step[]): void {
  const { nodes } = cluster;
  for (const [number, one] of steps.entries()) {
    const { network } = cluster;
    if ("at" in one) {
      if (network.length === 0) continue;
      const place = one.at % network.length;
      const envelope = network[place]!;
      if (one.kind !== "duplicate") network.splice(place, 1);
      if (one.kind !== "lose") cluster.deliver(envelope);
      safety.check(envelope.to);
      continue;
    }
    const id = nodes[one.node % nodes.length]!;
    if (one.kind === "tick") cluster.tick(id, one.ms);
    if (one.kind === "write") cluster.completeWrites(id, 1);
    if (one.kind === "restart") cluster.boot(id);
    if (one.kind === "wipe") cluster.wipe(id);
    if (one.kind === "propose") {
      safety.proposed(`v${number}`);
      cluster.propose(id, `v${number}`);
    }
    safety.check(id);
  }
}

/** A state that became durable somewhere. */
interface Remembered {
  readonly id: string;
  readonly state: AcceptorState<string>;
}

/** All states that become durable from now on, in their order. */
function rememberAll(cluster: SynodCluster): readonly Remembered[] {
  const all: Remembered[] = [];
  const { onDurable } = cluster;
  cluster.onDurable = (id, state) => {
    all.push({ id, state });
    onDurable(id, state);
  };
  return all;
}

/** For each two acceptors that promised `ballot`: the highest proposal that either had accepted. */
function highestOfMajorities(
  all: readonly Remembered[],
  ballot: Ballot,
): (Proposal<string> | undefined)[] {
  const promises = all.filter(
    ({ state: { promised, accepted } }) =>
      isSameBallot(promised, ballot) && !(accepted && isSameBallot(accepted.ballot, ballot)),
  );
  return promises.flatMap((a) =>
    promises
      .filter((b) => b.id !== a.id)
      .map((b) => higherProposal(a.state.accepted, b.state.accepted)),
  );
}

describe("Paxos Made Simple, §2.1, in any order of messages, writes, losses and restarts", () => {
  it("only a proposed value is chosen, only one, and none is learned that is not; then all learn", () => {
    let chosen = 0;
    fc.assert(
      fc.property(fc.integer(), someSteps, (seed, steps) => {
        const drawn = drawQuorums(seededRandom(seed));
        const cluster = new SynodCluster(drawn.quorums, String(seed));
        cluster.disksAreFast = false;
        const safety = new SynodSafety(cluster, drawn.isPhase2Quorum);
        carryOut(cluster, safety, steps);
        cluster.disksAreFast = true;
        for (const id of cluster.nodes) cluster.completeWrites(id);
        const voters = new Set(cluster.nodes.filter((id) => cluster.core(id).acceptor));
        if (!drawn.isPhase1Quorum(voters) || !drawn.isPhase2Quorum(voters)) return;
        safety.proposed("last");
        for (const id of cluster.nodes) cluster.propose(id, "last");
        cluster.run(10_000, 50);
        for (const id of cluster.nodes) {
          safety.check(id);
          expect(cluster.chosenBy(id)).toBe(safety.chosen);
        }
        expect(safety.chosen).toBeDefined();
        chosen++;
      }),
      { numRuns: 200 },
    );
    expect(chosen).toBeGreaterThan(50);
  });

  it("B1 and P2c of every ballot that was begun; so theorem 1: later ballots are of the chosen value", () => {
    let ballots = 0;
    fc.assert(
      fc.property(fc.integer(), someSteps, (seed, steps) => {
        const cluster = new SynodCluster(THREE, String(seed));
        const safety = new SynodSafety(cluster, ({ size }) => size >= 2);
        const all = rememberAll(cluster);
        carryOut(
          cluster,
          safety,
          steps.filter(({ kind }) => kind !== "wipe"),
        );
        const { chosenIn, chosen } = safety;
        const values = new Map<string, string>();
        for (const { ballot, value } of cluster
          .sentOf("accept")
          .map(({ message }) => message.proposal)) {
          const key = `${ballot.round}.${ballot.node}.${ballot.incarnation}`;
          expect(values.get(key) ?? value, "B1: a ballot of two values").toBe(value);
          if (values.has(key)) continue;
          values.set(key, value);
          ballots++;
          // P2c: in some majority "no acceptor has accepted any proposal numbered less than n, or v is
          // the value of the highest-numbered proposal" among those.
          const majorities = highestOfMajorities(all, ballot);
          expect(majorities.some((highest) => !highest || highest.value === value)).toBe(true);
          if (chosenIn && compareBallots(ballot, chosenIn) > 0) expect(value).toBe(chosen);
        }
      }),
      { numRuns: 300 },
    );
    expect(ballots).toBeGreaterThan(300);
  });

  it.each(["safety", "liveness"] as const)("seeds 1 to 200 of the simulation, %s", async (mode) => {
    let chosen = 0;
    for (let seed = 1; seed <= 200; seed++) {
      const { failure, operations } = await target.run(seed, { mode });
      expect(failure, `pnpm sim synod --seed ${seed} --mode ${mode}`).toBeUndefined();
      chosen += operations;
    }
    expect(chosen).toBeGreaterThan(100);
  });

  it("the same seed gives the same trace", async () => {
    const first = await target.run(7, { mode: "safety" });
    expect(await target.run(7, { mode: "safety" })).toEqual(first);
  });
});

import { seededRandom } from "@quorate/runtime";
import type { Transport } from "@quorate/transport";
import { describe, expect, it } from "vitest";
import {
  createSimulation,
  drawPartition,
  type NetworkOptions,
  PARTITION_SHAPES,
  type Simulation,
} from "../src/index.ts";

interface Pair {
  readonly world: Simulation;
  readonly a: Transport;
  readonly b: Transport;
  /** Numbers that b received from a, and when. */
  readonly received: { readonly number: number; readonly atMs: number }[];
}

async function pair(network: NetworkOptions = {}): Promise<Pair> {
  const world = createSimulation({ seed: 11, network });
  const [a, b] = await Promise.all(
    ["a", "b"].map((name) =>
      world
        .node(name, async ({ transport }) => {
          await transport.start();
          return transport;
        })
        .start(),
    ),
  );
  const received: { number: number; atMs: number }[] = [];
  b!.onMessage("m", (_, message) => {
    received.push({ number: message[0]!, atMs: world.clock.now() });
  });
  b!.onRequest("r", (_, message) => message);
  await world.run(100);
  return { world, a: a!, b: b!, received };
}

async function sendHundred({ world, a }: Pair): Promise<void> {
  for (let number = 0; number < 100; number++) {
    a.send("b", "m", Uint8Array.of(number));
    await world.run(1);
  }
  await world.run(1_000);
}

describe("a simulated network", () => {
  it("without faults delivers all, once and in order, each after its latency", async () => {
    const fixture = await pair({ latencyMs: { min: 2, mean: 10, max: 30 } });
    await sendHundred(fixture);
    const numbers = fixture.received.map(({ number }) => number);
    expect(numbers).toEqual(Array.from({ length: 100 }, (_, at) => at));
  });

  it.each<[string, NetworkOptions, (numbers: number[]) => boolean]>([
    ["message lost", { lossProbability: 0.3 }, (numbers) => numbers.length < 90],
    ["message duplicated", { duplicationProbability: 0.3 }, (numbers) => numbers.length > 110],
    [
      "message reordered",
      { reorderProbability: 0.3 },
      (numbers) => numbers.length === 100 && numbers.some((each, at) => each < numbers[at - 1]!),
    ],
  ])(
    "%s: happens, and is counted; requests still come once each",
    async (fault, options, holds) => {
      const fixture = await pair(options);
      await sendHundred(fixture);
      expect(holds(fixture.received.map(({ number }) => number))).toBe(true);
      expect(fixture.world.trace.counts()[fault]).toBeGreaterThan(10);
      const { world, a } = fixture;
      const answers = Array.from({ length: 50 }, (_, at) => a.request("b", "r", Uint8Array.of(at)));
      const all = await world.settled(Promise.all(answers));
      expect(all.map((answer) => answer[0])).toEqual(Array.from({ length: 50 }, (_, at) => at));
    },
  );

  it("a clogged way delivers nothing, then all", async () => {
    const fixture = await pair();
    const { world, received } = fixture;
    const untilMs = world.clock.now() + 500;
    world.network.clog("a", "b", 500);
    await sendHundred(fixture);
    expect(received).toHaveLength(100);
    expect(received[0]!.atMs).toBeGreaterThanOrEqual(untilMs);
  });

  it("a slow way carries so many bytes a second, and its queue fills up", async () => {
    const { world, a, received } = await pair({
      maxMessageBytes: 100_000,
      maxQueuedBytesPerPeer: 200_000,
    });
    world.network.slow("a", "b", 10_000);
    const sent = Array.from({ length: 5 }, () => a.send("b", "m", new Uint8Array(50_000)));
    expect(sent).toEqual([true, true, true, false, false]);
    await world.run(5_500);
    expect(received).toHaveLength(1);
    world.network.heal();
  });

  it("a partition of both ways loses messages, and breaks the connection after a silence", async () => {
    const { world, a, received } = await pair({ silenceMs: { min: 2_000, max: 2_000 } });
    const states: string[] = [];
    a.onPeer(({ state }) => states.push(state));
    world.network.partition([
      ["a", "b"],
      ["b", "a"],
    ]);
    expect(a.send("b", "m", Uint8Array.of(1))).toBe(true);
    const request = a.request("b", "r", Uint8Array.of(1));
    const outcome = expect(world.settled(request)).rejects.toMatchObject({
      code: "connection-lost",
    });
    await world.run(1_999);
    expect(states).toEqual([]);
    await outcome;
    expect(states).toEqual(["down"]);
    world.network.heal();
    await world.run(100);
    expect(states).toEqual(["down", "up"]);
    expect(received).toEqual([]);
    expect(world.trace.counts()["message lost in a partition"]).toBe(1);
  });

  it("a way that is blocked in one direction still carries the other; requests wait for its end", async () => {
    const { world, a, b, received } = await pair();
    const back: number[] = [];
    a.onMessage("m", (_, message) => back.push(message[0]!));
    world.network.block("a", "b");
    a.send("b", "m", Uint8Array.of(1));
    b.send("a", "m", Uint8Array.of(2));
    const request = a.request("b", "r", Uint8Array.of(3));
    await world.run(5_000);
    expect(received).toEqual([]);
    expect(back).toEqual([2]);
    world.network.unblock("a", "b");
    expect(await world.settled(request)).toEqual(Uint8Array.of(3));
  });

  it("a node that crashed is missed after a silence, one that was killed at once", async () => {
    for (const [how, leastMs] of [
      ["crash", 1_000],
      ["kill", 0],
    ] as const) {
      const { world, a } = await pair();
      let downAtMs = Number.NaN;
      a.onPeer(({ state }) => {
        if (state === "down") downAtMs = world.clock.now();
      });
      const beginMs = world.clock.now();
      world.nodes[1]![how]();
      await world.run(10_000);
      expect(downAtMs - beginMs).toBeGreaterThanOrEqual(leastMs);
      expect(downAtMs - beginMs).toBeLessThan(leastMs + 5_000);
    }
  });
});

describe("a partition", () => {
  const nodes = ["a", "b", "c", "d", "e"];
  const drawn = (shape: (typeof PARTITION_SHAPES)[number], seed: number) =>
    drawPartition(seededRandom(seed), nodes, shape, "both");
  /** Whom each node can still talk to, itself among them. */
  const sees = (ways: readonly (readonly [string, string])[]): string[][] =>
    nodes.map((from) => nodes.filter((to) => !ways.some(([f, t]) => f === from && t === to)));

  it.each([...Array(20).keys()])("has the sizes that its shape says (seed %i)", (seed) => {
    const sizes = (shape: (typeof PARTITION_SHAPES)[number]): number[] =>
      sees(drawn(shape, seed))
        .map(({ length }) => length)
        .toSorted((a, b) => a - b);
    expect(sizes("one-node")).toEqual([1, 4, 4, 4, 4]);
    expect([
      [1, 4, 4, 4, 4],
      [2, 2, 3, 3, 3],
    ]).toContainEqual(sizes("minority"));
    expect(sizes("bridge")).toEqual([3, 3, 3, 3, 5]);
    const ring = sees(drawn("majorities-ring", seed));
    expect(ring.map(({ length }) => length)).toEqual([3, 3, 3, 3, 3]);
    expect(new Set(ring.map((seen) => seen.join())).size).toBe(5);
  });

  it("one way: of each pair that is cut off, one still hears the other", () => {
    for (const shape of PARTITION_SHAPES) {
      const both = drawn(shape, 1);
      const oneWay = drawPartition(seededRandom(1), nodes, shape, "one-way");
      expect(oneWay).toHaveLength(both.length / 2);
      for (const [from, to] of oneWay) {
        expect(oneWay.some(([f, t]) => f === to && t === from)).toBe(false);
      }
    }
  });
});

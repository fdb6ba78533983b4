import { seededRandom } from "@quorate/runtime";
import { VirtualClock } from "@quorate/runtime/testing";
import { describe, expect, it } from "vitest";
import { createMemoryNetwork, type MemoryNetwork, type Transport } from "../src/index.ts";

const EMPTY: Uint8Array = new Uint8Array(0);

/** Two started nodes, on a clock that stands still. */
async function pairOn(
  network: MemoryNetwork,
): Promise<{ alice: Transport; bob: Transport; states: string[] }> {
  const [alice, bob] = [network.transport("alice"), network.transport("bob")];
  const states: string[] = [];
  alice.onPeer(({ peer, state }) => states.push(`${peer} ${state}`));
  await Promise.all([alice.start(), bob.start()]);
  return { alice, bob, states };
}

describe("MemoryNetwork", () => {
  it("delivers nothing until the clock moves on, then after the latency and in order", async () => {
    const clock = new VirtualClock();
    const random = seededRandom("latency");
    const network = createMemoryNetwork({ latencyMs: { min: 10, max: 30 } }, { clock, random });
    const { alice, bob } = await pairOn(network);
    const arrivals: { readonly number: number; readonly atMs: number }[] = [];
    bob.onMessage("m", (_, message) => {
      arrivals.push({ number: message[0] as number, atMs: clock.now() });
    });
    for (let number = 0; number < 20; number++) alice.send("bob", "m", Uint8Array.of(number));
    await clock.advance(9);
    expect(arrivals).toEqual([]);
    await clock.advance(21);
    expect(arrivals.map(({ number }) => number)).toEqual(Array.from({ length: 20 }, (_, at) => at));
    expect(arrivals.at(-1)?.atMs).toBeLessThanOrEqual(30);
  });

  it("draws the same latencies from the same seed", async () => {
    const arrivalOf = async (seed: string): Promise<number> => {
      const clock = new VirtualClock();
      const options = { latencyMs: { min: 0, max: 1_000 } };
      const network = createMemoryNetwork(options, { clock, random: seededRandom(seed) });
      const { alice, bob } = await pairOn(network);
      let atMs = Number.NaN;
      bob.onMessage("m", () => (atMs = clock.now()));
      alice.send("bob", "m", EMPTY);
      await clock.advance(1_000);
      return atMs;
    };
    expect(await arrivalOf("seven")).toBe(await arrivalOf("seven"));
    expect(await arrivalOf("seven")).not.toBe(await arrivalOf("eight"));
  });

  it("a partition loses what was under way, and is seen by both; healing is, too", async () => {
    const clock = new VirtualClock();
    const network = createMemoryNetwork({}, { clock });
    const { alice, bob, states } = await pairOn(network);
    let received = 0;
    bob.onMessage("m", () => received++);
    bob.onRequest("r", (_, message) => message);
    expect(alice.send("bob", "m", EMPTY)).toBe(true);
    const underWay = alice.request("bob", "r", EMPTY);
    network.partition("bob", "alice");
    await expect(underWay).rejects.toMatchObject({ code: "connection-lost" });
    expect(alice.send("bob", "m", EMPTY)).toBe(false);
    await expect(alice.request("bob", "r", EMPTY)).rejects.toMatchObject({
      code: "unreachable",
      message: "bob is partitioned",
    });
    network.heal();
    expect(states).toEqual(["bob up", "bob down", "bob up"]);
    expect(alice.send("bob", "m", EMPTY)).toBe(true);
    await clock.advance(0);
    expect(received).toBe(1);
  });

  it("a partition of two leaves the third connected; healing others does not end it", async () => {
    const clock = new VirtualClock();
    const network = createMemoryNetwork({}, { clock });
    const { alice, bob } = await pairOn(network);
    const carol = network.transport("carol");
    network.partition("alice", "carol"); // also before a node is there
    await carol.start();
    network.heal("alice", "bob");
    expect(alice.send("carol", "m", EMPTY)).toBe(false);
    expect(bob.send("carol", "m", EMPTY)).toBe(true);
    network.heal("carol", "alice");
    expect(alice.send("carol", "m", EMPTY)).toBe(true);
  });

  it("#28: a second node of one name is refused by name", () => {
    const network = createMemoryNetwork();
    network.transport("alice");
    expect(() => network.transport("alice")).toThrow(
      expect.objectContaining({ code: "refused", message: "there is a node named alice already" }),
    );
  });

  it("a node that was not started is unreachable", async () => {
    const network = createMemoryNetwork({}, { clock: new VirtualClock() });
    const { alice } = await pairOn(network);
    network.transport("carol");
    await expect(alice.request("carol", "r", EMPTY)).rejects.toMatchObject({
      code: "unreachable",
      message: "carol is not started",
    });
  });

  it("deadlines keep to its clock", async () => {
    const clock = new VirtualClock();
    const network = createMemoryNetwork({}, { clock });
    const { alice, bob } = await pairOn(network);
    bob.onRequest("slow", () => new Promise(() => {}));
    let outcome: unknown;
    void alice.request("bob", "slow", EMPTY).catch((error) => (outcome = error));
    await clock.advance(9_999);
    expect(outcome).toBeUndefined();
    await clock.advance(8);
    expect(outcome).toMatchObject({
      code: "timeout",
      message: "no answer from bob within 10000 ms",
    });
  });

  it("a latency out of its range is named", () => {
    expect(() => createMemoryNetwork({ latencyMs: { min: 5, max: 1 } })).toThrow(
      expect.objectContaining({ code: "invalid-option" }),
    );
  });
});

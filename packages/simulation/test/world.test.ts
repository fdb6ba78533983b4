import { describe, expect, it } from "vitest";
import { createSimulation, type NodeEnvironment, type Simulation } from "../src/index.ts";

/** Sends its name round in a ring, for ever, with a pause that it draws. */
async function gossip({ name, clock, random, transport, fileSystem }: NodeEnvironment) {
  let heard = 0;
  await transport.start();
  await fileSystem.makeDirectory("/data");
  const file = await fileSystem.open(`/data/${random.next()}`, { create: "new" });
  transport.onMessage("gossip", (_, message) => {
    heard += message.length;
    void file.writeDurably(message, heard);
  });
  const others = ["a", "b", "c"].filter((other) => other !== name);
  const again = (): void => {
    for (const to of others) transport.send(to, "gossip", new Uint8Array(1 + 9 * random.next()));
    clock.setTimer(10 * random.next(), again);
  };
  again();
  return { heard: () => heard };
}

async function gossiped(seed: number): Promise<Simulation> {
  const world = createSimulation({
    seed,
    network: { lossProbability: 0.1, duplicationProbability: 0.1, reorderProbability: 0.1 },
    clocks: { skewPpm: 200, wallOffsetMs: 1_000 },
  });
  const nodes = ["a", "b", "c"].map((name) => world.node(name, gossip));
  await Promise.all(nodes.map((node) => node.start()));
  await world.run(500);
  nodes[0]!.crash();
  await world.run(200);
  await nodes[0]!.start();
  nodes[1]!.pause();
  await world.run(100);
  nodes[1]!.resume();
  await world.run(500);
  return world;
}

describe("a simulation", () => {
  it("has the same trace for the same seed, also after others ran in this process", async () => {
    const first = await gossiped(1);
    const other = await gossiped(2);
    const again = await gossiped(1);
    expect(first.trace.length).toBeGreaterThan(1_000);
    expect(again.trace.hash).toBe(first.trace.hash);
    expect(again.events).toBe(first.events);
    expect(other.trace.hash).not.toBe(first.trace.hash);
  });

  it("has the same trace when two run at once", async () => {
    const [one, two] = await Promise.all([gossiped(3), gossiped(3)]);
    expect(one.trace.hash).toBe(two.trace.hash);
  });

  it("runs events in the order of their time, and of their scheduling where it is equal", async () => {
    const world = createSimulation({ seed: 1 });
    const order: string[] = [];
    for (const [name, ms] of [
      ["c", 7],
      ["a", 5],
      ["b", 5],
      ["d", 7.5],
    ] as const) {
      world.clock.setTimer(ms, () => order.push(name));
    }
    const cancelled = world.clock.setTimer(6, () => order.push("cancelled"));
    cancelled.cancel();
    await world.run(100);
    expect(order).toEqual(["a", "b", "c", "d"]);
    expect(world.clock.now()).toBe(100);
  });

  it("settles every promise that follows from an event before the next, however long the chain", async () => {
    const world = createSimulation({ seed: 1 });
    let settledAtMs = Number.NaN;
    world.clock.setTimer(5, () => {
      void (async () => {
        for (let at = 0; at < 5_000; at++) await Promise.resolve();
        settledAtMs = world.clock.now();
      })();
    });
    world.clock.setTimer(5.001, () => {});
    await world.run(10);
    expect(settledAtMs).toBe(5);
  });

  it("a condition that does not come true is not-reached, and names the seed", async () => {
    const world = createSimulation({ seed: "lost" });
    const waiting = world.runUntil(() => false, { withinMs: 50 });
    await expect(waiting).rejects.toMatchObject({
      code: "not-reached",
      message: expect.stringContaining("seed lost"),
    });
    expect(world.clock.now()).toBe(50);
  });

  it("what a timer throws reaches whoever waits", async () => {
    const world = createSimulation({ seed: 1 });
    world.clock.setTimer(1, () => {
      throw new Error("a bug");
    });
    await expect(world.run(10)).rejects.toThrow("a bug");
    await expect(world.run(10)).rejects.toThrow("a bug");
  });
});

describe("a node", () => {
  it("that crashed does nothing more: no timer, no message, no file, no promise", async () => {
    const world = createSimulation({ seed: 1 });
    const after: string[] = [];
    const node = world.node("a", async ({ clock, transport, fileSystem }) => {
      await transport.start();
      const log = (what: string) => () => void after.push(what);
      return () => {
        clock.setTimer(5, log("timer"));
        transport.request("b", "r", new Uint8Array(1)).then(log("answer"), log("no answer"));
        fileSystem.makeDirectory("/x").then(log("directory"), log("no directory"));
        return { clock, transport, fileSystem, log };
      };
    });
    const other = world.node("b", async ({ transport }) => {
      transport.onRequest("r", (_, message) => message);
      transport.onMessage("m", () => void after.push("message"));
      await transport.start();
    });
    await Promise.all([node.start(), other.start()]);
    await world.run(100);
    const act = node.instance!();
    node.crash();
    // What still runs somewhere of a dead program has no effect either.
    expect(act.transport.send("b", "m", new Uint8Array(1))).toBe(false);
    act.clock.setTimer(1, act.log("timer of the dead"));
    act.fileSystem.list("/").then(act.log("list"), act.log("no list"));
    act.transport.request("b", "r", new Uint8Array(1)).then(act.log("a"), act.log("b"));
    await world.run(60_000);
    expect(after).toEqual([]);
    expect(node.state).toBe("down");
    expect(node.instance).toBeUndefined();
  });

  it("keeps what it made durable, and may start again", async () => {
    const world = createSimulation({ seed: 1, disk: { atPowerLoss: "vanish" } });
    const node = world.node("a", async ({ fileSystem }) => {
      const boots = await fileSystem.open("/boots").catch(async () => {
        const made = await fileSystem.open("/boots", { create: "new" });
        await fileSystem.syncDirectory("");
        return made;
      });
      const count = (await boots.size()) + 1;
      await boots.writeDurably(Uint8Array.of(count), count - 1);
      await boots.write(Uint8Array.of(99), 50);
      return count;
    });
    expect(await node.start()).toBe(1);
    expect(await node.restart()).toBe(2);
    expect(await node.restart()).toBe(3);
  });

  it("whose program throws at its start is down; one that crashes while it starts says so", async () => {
    const world = createSimulation({ seed: 1 });
    const failing = world.node("a", () => Promise.reject(new Error("no configuration")));
    await expect(failing.start()).rejects.toThrow("no configuration");
    expect(failing.state).toBe("down");
    const slow = world.node(
      "b",
      ({ clock }) =>
        new Promise<void>((resolve) => {
          clock.setTimer(1_000, resolve);
        }),
    );
    const starting = slow.start();
    world.clock.setTimer(500, () => slow.crash());
    await expect(starting).rejects.toMatchObject({ code: "crashed" });
    await expect(slow.start()).resolves.toBeUndefined();
    await expect(slow.start()).rejects.toMatchObject({ code: "wrong-state" });
  });

  it("that is paused sees one leap of time: what fell due happens when it goes on", async () => {
    const world = createSimulation({ seed: 1 });
    const fired: number[] = [];
    const node = world.node("a", ({ clock }) => {
      for (const ms of [10, 20, 500]) clock.setTimer(ms, () => fired.push(world.clock.now()));
    });
    await node.start();
    node.pause();
    await world.run(100);
    expect(fired).toEqual([]);
    expect(node.state).toBe("paused");
    node.resume();
    await world.run(500);
    expect(fired).toEqual([100, 100, 500]);
  });

  it("has a clock of its own: skewed within bounds, and a wall clock that jumps", async () => {
    const world = createSimulation({ seed: 5, clocks: { skewPpm: 10_000 } });
    const node = world.node("a", ({ clock }) => clock);
    const clock = await node.start();
    const [startMs, startWallMs] = [clock.now(), clock.wallTime()];
    await world.run(100_000);
    const passedMs = clock.now() - startMs;
    expect(passedMs).not.toBe(100_000);
    expect(Math.abs(passedMs - 100_000)).toBeLessThanOrEqual(1_000);
    node.jumpWallClock(-3_600_000);
    expect(clock.wallTime() - startWallMs).toBeLessThan(0);
    expect(clock.now() - startMs).toBe(passedMs);
    node.setClockRate(2);
    let rang = false;
    clock.setTimer(1_000, () => (rang = true));
    await world.run(499);
    expect(rang).toBe(false);
    await world.run(2);
    expect(rang).toBe(true);
  });

  it("is asked to stop by its instance, and is down then", async () => {
    const world = createSimulation({ seed: 1 });
    let stopped = false;
    const node = world.node("a", () => ({ stop: async () => void (stopped = true) }));
    await node.start();
    await node.stop();
    expect(stopped).toBe(true);
    expect(node.state).toBe("down");
  });
});

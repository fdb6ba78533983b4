import { readFileSync } from "node:fs";
import { connect } from "node:net";
import { describe, expect, it } from "vitest";
import { createSimulation, SimulationError } from "../src/index.ts";

const { setTimeout: original } = globalThis;

/** What `act` throws when a node's timer runs it. */
async function insideOfANode(act: () => unknown, guard = true): Promise<unknown> {
  const world = createSimulation({ seed: 1, guard });
  let thrown: unknown;
  const node = world.node("a", ({ clock }) => {
    clock.setTimer(1, () => {
      void Promise.resolve()
        .then(act)
        .catch((error: unknown) => (thrown = error));
    });
  });
  await node.start();
  await world.run(10);
  return thrown;
}

describe("the guard", () => {
  it.each<[string, () => unknown, string]>([
    ["setTimeout", () => setTimeout(() => {}, 1), "Clock"],
    ["setInterval", () => setInterval(() => {}, 1), "Clock"],
    ["setImmediate", () => setImmediate(() => {}), "Clock"],
    ["Date.now", () => Date.now(), "Clock"],
    ["new Date()", () => new Date(), "Clock"],
    ["performance.now", () => performance.now(), "Clock"],
    ["AbortSignal.timeout", () => AbortSignal.timeout(1), "Clock"],
    ["Math.random", () => Math.random(), "Random"],
    ["crypto.randomUUID", () => crypto.randomUUID(), "Random"],
    ["fetch", () => fetch("http://127.0.0.1:1"), "Transport"],
    ["net.connect", () => connect(1, "127.0.0.1"), "Transport"],
    ["fs.readFileSync", () => readFileSync("/dev/null"), "FileSystem"],
  ])("inside of a simulation %s throws, and says what to use instead", async (_, act, instead) => {
    const thrown = await insideOfANode(act);
    expect(thrown).toBeInstanceOf(SimulationError);
    expect(thrown).toMatchObject({ code: "real-world", message: expect.stringContaining(instead) });
  });

  it("lets everything through that decides nothing: new Date(0), queueMicrotask", async () => {
    const thrown = await insideOfANode(() => queueMicrotask(() => new Date(0)));
    expect(thrown).toBeUndefined();
  });

  it("does not concern the test itself, before, between and after runs", async () => {
    const world = createSimulation({ seed: 1 });
    await world.run(10);
    expect(Date.now()).toBeGreaterThan(0);
    await world.run(10);
    expect(Math.random()).toBeLessThan(1);
    await new Promise((resolve) => original(resolve, 0));
    expect(globalThis.setTimeout).toBe(original);
  });

  it("may be switched off", async () => {
    expect(await insideOfANode(() => Math.random(), false)).toBeUndefined();
  });
});

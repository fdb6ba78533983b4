import { describe, expect, it } from "vitest";
import core from "../sim/log-core.sim.ts";
import members from "../sim/log-members.sim.ts";
import nodes from "../sim/paxos.sim.ts";

describe.each([
  [core, 60],
  [members, 60],
] as const)(
  "$name: loss, duplication, reordering, slow disks, crashes, snapshots",
  (target, seeds) => {
    it.each(["safety", "liveness"] as const)(
      `one entry a slot for ever, one leader a round, fresh reads, progress; %s (${seeds} seeds)`,
      async (mode) => {
        let chosen = 0;
        for (let seed = 1; seed <= seeds; seed++) {
          const { failure, coverage } = await target.run(seed, { mode });
          expect(failure, `pnpm sim ${target.name} --seed ${seed} --mode ${mode}`).toBeUndefined();
          chosen += coverage["entries chosen"]!;
        }
        // A run in which nothing is chosen would show nothing.
        expect(chosen).toBeGreaterThan(seeds * 10);
      },
      60_000,
    );
  },
);

describe("seeds that failed once", () => {
  it.each([
    ["a leader that promises itself late leads all the same", members, 989, "liveness"],
    ["a promise that is pulled goes on from what is not decided", members, 575, "liveness"],
    ["one that was voted out tells what it knows", members, 168, "safety"],
    ["a message of more than its first guess of memory", nodes, 36, "safety"],
  ] as const)(
    "%s",
    async (_, target, seed, mode) => {
      const { failure } = await target.run(seed, { mode });
      expect(failure).toBeUndefined();
    },
    60_000,
  );

  it("the same seed gives the same trace", async () => {
    const first = await nodes.run(28, { mode: "safety" });
    expect(await nodes.run(28, { mode: "safety" })).toEqual(first);
  }, 60_000);
});

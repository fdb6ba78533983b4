import { describe, expect, it } from "vitest";
import target from "../sim/raft-core.sim.ts";

const SEEDS = 100;

describe("figure 3 under loss, duplication, reordering, slow disks, crashes and compaction", () => {
  it.each(["safety", "liveness"] as const)(
    `Election Safety, Leader Completeness, State Machine Safety, fresh reads; %s (${SEEDS} seeds)`,
    async (mode) => {
      let chosen = 0;
      for (let seed = 1; seed <= SEEDS; seed++) {
        const { failure, coverage } = await target.run(seed, { mode });
        expect(failure, `pnpm sim raft-core --seed ${seed} --mode ${mode}`).toBeUndefined();
        chosen += coverage["entries chosen"]!;
      }
      // A run in which nothing is chosen would show nothing.
      expect(chosen).toBeGreaterThan(SEEDS * 10);
    },
  );
});

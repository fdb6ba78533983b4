import { defineBench, measured } from "@quorate/bench";
// By path: a dependency on raft would be a circle, as raft is tested with this package.
import { runLoadedCluster } from "../../raft/sim/loaded-cluster.ts";

const GOAL_MINUTES = 20;

/** Simulated minutes in one minute of this machine, one core. */
async function minutesPerMinute(opsPerSecond: number, seconds: number): Promise<number> {
  const startedAt = performance.now();
  const { simulatedMs } = await runLoadedCluster(1, 1_000 * seconds, opsPerSecond);
  return simulatedMs / (performance.now() - startedAt);
}

export default defineBench(async (options) => {
  const seconds = options.quick ? 20 : 120;
  await minutesPerMinute(100, 20); // compiled once, as in a campaign of many seeds
  return [
    await measured(options, {
      case: "five Raft nodes, 100 proposals/s, 1 % loss, restarts",
      unit: "simulated min/min",
      ours: async () => ({ value: await minutesPerMinute(100, seconds) }),
      goal: ({ ours }) => ({ goal: GOAL_MINUTES, met: ours >= GOAL_MINUTES }),
    }),
    await measured(options, {
      case: "five Raft nodes, 500 proposals/s, 1 % loss, restarts",
      unit: "simulated min/min",
      ours: async () => ({ value: await minutesPerMinute(500, seconds) }),
    }),
    await measured(options, {
      case: "five Raft nodes, idle",
      unit: "simulated min/min",
      ours: async () => ({ value: await minutesPerMinute(0.1, 10 * seconds) }),
    }),
  ];
});

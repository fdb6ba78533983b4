import { type SimulationTarget, swarmTarget } from "@quorate/simulation";
import { LOCK_COVERAGE } from "./lock-coverage.ts";
import { LockRun } from "./lock-run.ts";
import { ModelledBacking } from "./modelled-backing.ts";

/**
 * Users of locks on machines of their own, and a store that fails over, behind a network that loses,
 * delays and reorders. Nobody may hold what is another's turn, tokens grow, fenced resources accept no
 * older one after a newer one, nothing is left over, and everybody gets everything in the end.
 */
const target: SimulationTarget = swarmTarget<object>({
  name: "lock",
  coverage: LOCK_COVERAGE,
  clusterSizes: [4, 6],
  durationMs: 20_000,
  faults: [
    "crash",
    "kill",
    "pause",
    "partition",
    "clog",
    "slow",
    "disconnect",
    "clock-rate",
    "clock-jump",
  ],
  unreliableMessages: true,
  begin: (context) => new LockRun(context, (each) => new ModelledBacking(each)),
});

export default target;

import { type SimulationTarget, swarmTarget } from "@quorate/simulation";
import { KvBacking } from "./kv-backing.ts";
import { LOCK_COVERAGE } from "./lock-coverage.ts";
import { LockRun } from "./lock-run.ts";

/**
 * What shows only in the model: who waits for whom; leases of whole seconds, two at least, outlive the
 * sessions that are counted on; and the client's own session refuses a join that comes late, by itself.
 */
const OF_THE_MODEL: readonly string[] = [
  "wake-ups",
  "sessions ended by the store",
  "late joins refused",
];

/**
 * As `lock`, on the store that is there: three replicas of `@quorate/kv` on Raft, with disks, and clients of
 * it. What must be true of locks is the same, and looked at in what the replicas have committed.
 */
const target: SimulationTarget = swarmTarget<object>({
  name: "lock-kv",
  coverage: LOCK_COVERAGE.filter((name) => !OF_THE_MODEL.includes(name)),
  clusterSizes: [5, 6],
  durationMs: 15_000,
  faults: [
    "crash",
    "kill",
    "pause",
    "partition",
    "leader-cut-off",
    "clog",
    "slow",
    "disconnect",
    "clock-rate",
    "clock-jump",
  ],
  unreliableMessages: true,
  begin: (context) => new LockRun(context, (each) => new KvBacking(each)),
});

export default target;

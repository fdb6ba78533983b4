import { FAULT_KINDS, type SimulationTarget, swarmTarget } from "@quorate/simulation";
import { KV_COVERAGE } from "./kv-coverage.ts";
import type { KvNode } from "./kv-node.ts";
import { KvRun } from "./kv-run.ts";

/**
 * The key-value store on Raft on write-ahead logs, and users on machines of their own with the client
 * that everybody has. What they saw must be linearizable, no insert may be lost or come twice, and all
 * replicas must be in the same state after each entry.
 */
const target: SimulationTarget = swarmTarget<KvNode>({
  name: "kv",
  coverage: KV_COVERAGE,
  durationMs: 20_000,
  // A voter that forgot its votes is none: an emptied disk needs a change of membership.
  faults: FAULT_KINDS.filter((kind) => kind !== "wipe"),
  unreliableMessages: true,
  damagedNodes: (size) => Math.floor((size - 1) / 2),
  begin: (context) => new KvRun(context),
});

export default target;

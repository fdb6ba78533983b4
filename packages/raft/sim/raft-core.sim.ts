import { integerBetween } from "@quorate/runtime";
import type { SimulationTarget } from "@quorate/simulation";
import { CoreCluster, type Envelope } from "../test/core-cluster.ts";
import { CORE_COVERAGE, coreTarget } from "./core-run.ts";
import { Figure3 } from "./figure-3.ts";

/** Raft's core alone; the target `raft` has all the rest. */
const target: SimulationTarget = coreTarget<Envelope>({
  name: "raft-core",
  coverage: [...CORE_COVERAGE, "truncations", "snapshots received"],
  begin: ({ size, seed, random, cover }) => {
    const limits = { maxInflightMessages: integerBetween(random, 1, 4), maxAppendBytes: 40 };
    const cluster = new CoreCluster(size, limits, seed);
    return {
      cluster,
      safety: new Figure3(cluster),
      look: (id) => {
        const { pending, log } = cluster.disk(id);
        const last = pending.at(-1);
        if (!last) return;
        const { entries, firstIndex, resetTo } = last;
        if (entries.length > 0 && pending.length === 1 && firstIndex <= log.lastIndex) {
          cover("truncations");
        }
        if (resetTo) cover("snapshots received");
      },
      commitIndexOf: (id) => cluster.core(id).server.commitIndex,
    };
  },
});

export default target;

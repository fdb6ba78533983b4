import { integerBetween, pick } from "@quorate/runtime";
import type { SimulationTarget } from "@quorate/simulation";
import { CORE_COVERAGE, coreTarget } from "../../raft/sim/core-run.ts";
import { LogCoreCluster, type LogEnvelope } from "../test/log-core-cluster.ts";
import { LogSafety } from "./log-safety.ts";

/** The log's core alone, with voters that stay; the target `paxos` has all the rest. */
const target: SimulationTarget = coreTarget<LogEnvelope>({
  name: "log-core",
  coverage: [...CORE_COVERAGE, "snapshots received", "promises in chunks"],
  begin: ({ size, seed, random, cover }) => {
    const limits = {
      window: pick(random, [1, 2, 4, 16]),
      maxInflightMessages: integerBetween(random, 1, 4),
      maxAppendBytes: 40,
    };
    const cluster = new LogCoreCluster(size, limits, seed);
    let sent = 0;
    const snapshots = new Map<string, number>();
    return {
      cluster,
      safety: new LogSafety(cluster),
      look: (id) => {
        for (; sent < cluster.sent.length; sent++) {
          const { message } = cluster.sent[sent]!;
          if (message.type === "promise" && message.next > 0) cover("promises in chunks");
        }
        const { index } = cluster.core(id).server.snapshot;
        const before = snapshots.get(id) ?? 0;
        if (index > before && cluster.acceptor(id).log.lastIndex <= index) {
          cover("snapshots received");
        }
        snapshots.set(id, index);
      },
      commitIndexOf: (id) => cluster.acceptor(id).decided,
    };
  },
});

export default target;

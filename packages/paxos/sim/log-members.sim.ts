import { integerBetween, pick } from "@quorate/runtime";
import type { SimulationTarget } from "@quorate/simulation";
import { CORE_COVERAGE, coreTarget } from "../../raft/sim/core-run.ts";
import { LogCoreCluster, type LogEnvelope } from "../test/log-core-cluster.ts";
import { LogSafety } from "./log-safety.ts";

/**
 * The log's core alone, with voters that come, go, and lose their data now and then. In the end
 * everybody is well and is made a voter.
 */
const target: SimulationTarget = coreTarget<LogEnvelope>({
  name: "log-members",
  coverage: [
    ...CORE_COVERAGE.filter((name) => name !== "single-node clusters"),
    "changes in use",
    "nodes wiped",
    "leaders voted out",
  ],
  sizes: [3, 4, 5],
  maySeparate: false,
  begin: ({ size, seed, random, cover }) => {
    const limits = {
      window: pick(random, [1, 2, 4, 16]),
      maxInflightMessages: integerBetween(random, 1, 4),
      maxAppendBytes: 40,
    };
    const initial = integerBetween(random, 1, size);
    const cluster = new LogCoreCluster(size, limits, seed, initial);
    const members = random.fork("members");
    let ended = 0;
    const change = (): void => {
      const leader = cluster.leaders[0];
      if (leader === undefined) return;
      const { nodes } = cluster.acceptor(leader).configurations.latest;
      const node = pick(members, cluster.voters);
      if (!nodes.includes(node)) cluster.reconfigure(leader, { add: node });
      else if (nodes.length > 1) cluster.reconfigure(leader, { remove: node });
    };
    // One at most, and not in a cluster where it may be the only voter or one of two.
    let mayWipe = initial >= 3 && members.next() < 0.5;
    const wipe = (id: string): void => {
      const { nodes } = cluster.acceptor(id).configurations.latest;
      const isSpare = cluster.voters.every((each) =>
        cluster
          .acceptor(each)
          .configurations.since(0)
          .every((c) => c.nodes.length >= 3),
      );
      if (!mayWipe || !isSpare || nodes.length < 3) return;
      mayWipe = false;
      cluster.wipe(id);
      cover("nodes wiped");
    };
    const wipes = mayWipe;
    return {
      cluster,
      safety: new LogSafety(cluster),
      // Who has lost its data leaves no room for voters to go.
      extra: wipes
        ? [{ weight: 0.2, act: wipe }]
        : [{ weight: pick(random, [1, 4, 12]), act: change }],
      look: (id) => {
        for (; ended < cluster.changesEnded.length; ended++) {
          if (cluster.changesEnded[ended]!.index !== undefined) cover("changes in use");
        }
        const { role, server } = cluster.core(id);
        if (role === "leader" && !server.isVoter) cover("leaders voted out");
      },
      settle: () => {
        cluster.run(400); // for the change that is under way
        for (const voter of [...cluster.voters, ...cluster.voters]) {
          for (let tries = 0; tries < 20; tries++) {
            const leader = cluster.leaders.at(-1);
            const { life } = cluster.core(voter).server;
            const { latest } = cluster.acceptor(leader ?? voter).configurations;
            if (leader !== undefined && latest.admits(voter, life)) break;
            if (leader !== undefined) cluster.reconfigure(leader, { add: voter });
            for (let round = 0; round < 20; round++) {
              cluster.run(20);
              cluster.transferSnapshots(true);
            }
          }
        }
        cluster.run(400);
      },
      commitIndexOf: (id) => cluster.acceptor(id).decided,
    };
  },
});

export default target;

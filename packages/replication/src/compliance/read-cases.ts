import { describe, expect, it } from "vitest";
import type { LogClusterFactory } from "./log-cluster.ts";
import { withCluster } from "./with-cluster.ts";

export function readCases(factory: LogClusterFactory): void {
  describe("read", () => {
    it(
      "linearizable: every node sees what was acknowledged before the read began",
      withCluster(factory, async (cluster) => {
        const leader = await cluster.leader();
        for (let round = 1; round <= 5; round++) {
          await cluster.propose(leader, `${round}`);
          for (const member of cluster.members) {
            const read = member.log.read(({ lines }) => lines.length);
            expect((await cluster.settled(read)).value).toBe(round);
          }
        }
      }),
    );

    it(
      "the index of a read is that of the last command that it saw",
      withCluster(factory, async (cluster) => {
        const leader = await cluster.leader();
        const outcome = await cluster.propose(leader, "a");
        const { index } = await cluster.settled(leader.log.read(() => 0));
        expect(outcome).toMatchObject({ index });
      }),
    );

    it(
      "linearizable: a leader that was cut off serves nothing, also before it knows",
      withCluster(factory, async (cluster) => {
        const leader = await cluster.leader();
        await cluster.propose(leader, "old");
        cluster.cluster.isolate(leader.name);
        const read = leader.log.read(({ lines }) => lines.length, { timeoutMs: 5_000 });
        const failure = cluster.failure(read);
        const next = await cluster.leader(leader);
        await cluster.propose(next, "new");
        expect(await failure).toMatchObject({ code: "unavailable" });
      }),
    );

    it(
      "stale: a node that is cut off still serves what it has",
      withCluster(factory, async (cluster) => {
        const leader = await cluster.leader();
        await cluster.propose(leader, "a");
        cluster.cluster.isolate(leader.name);
        const read = leader.log.read(({ lines }) => lines.length, { consistency: "stale" });
        expect((await cluster.settled(read)).value).toBe(1);
      }),
    );

    it(
      "what the query throws reaches the caller, and nobody else",
      withCluster(factory, async (cluster) => {
        const leader = await cluster.leader();
        const read = leader.log.read(() => {
          throw new Error("no such line");
        });
        expect(await cluster.failure(read)).toMatchObject({ message: "no such line" });
        expect(await cluster.propose(leader, "a")).toMatchObject({ kind: "committed" });
      }),
    );

    it(
      "a signal ends the wait with its reason",
      withCluster(factory, async (cluster) => {
        const leader = await cluster.leader();
        cluster.cluster.isolate(leader.name);
        const gone = new AbortController();
        const read = leader.log.read(() => 0, { signal: gone.signal });
        const reason = new Error("gone");
        gone.abort(reason);
        await expect(read).rejects.toBe(reason);
      }),
    );
  });
}

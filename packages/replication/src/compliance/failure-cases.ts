import { describe, expect, it } from "vitest";
import type { LogClusterFactory } from "./log-cluster.ts";
import { withCluster } from "./with-cluster.ts";

export function failureCases(factory: LogClusterFactory): void {
  describe("failures", () => {
    it(
      "what a leader that was cut off is given is unknown, and the others go on without it",
      withCluster(factory, async (cluster) => {
        const leader = await cluster.leader();
        await cluster.propose(leader, "before");
        cluster.cluster.isolate(leader.name);
        const lost = leader.log.propose(new TextEncoder().encode("lost"));
        const next = await cluster.leader(leader);
        expect(await cluster.propose(next, "after")).toMatchObject({ kind: "committed" });
        expect(await cluster.settled(lost)).toMatchObject({ kind: "unknown" });
        cluster.cluster.heal();
        await cluster.until(() => leader.log.status().leader === next.name);
        await cluster.settled(leader.log.read(() => 0));
        for (const member of cluster.members) {
          expect(await cluster.lines(member)).toEqual(["before", "after"]);
        }
      }),
    );

    it(
      "without a quorum nothing is committed, and the outcome says that it is unknown",
      withCluster(factory, async (cluster) => {
        const leader = await cluster.leader();
        for (const { name } of cluster.followers(leader)) cluster.cluster.isolate(name);
        const proposal = leader.log.propose(new Uint8Array(1), { timeoutMs: 100 });
        expect(await cluster.settled(proposal)).toMatchObject({ kind: "unknown" });
        expect(await cluster.lines(leader)).toEqual([]);
      }),
    );

    it(
      "explain says in words what is in the way, and nothing when nothing is",
      withCluster(factory, async (cluster) => {
        const leader = await cluster.leader();
        await cluster.propose(leader, "a");
        await cluster.until(() => leader.log.explain().length === 0);
        cluster.cluster.isolate(leader.name);
        await cluster.until(() => leader.log.explain().length > 0);
        expect(leader.log.explain().join()).not.toBe("");
      }),
    );

    it(
      "onLeader is told of another leader, until it is unsubscribed",
      withCluster(factory, async (cluster) => {
        const leader = await cluster.leader();
        const [witness] = cluster.followers(leader);
        const seen: (string | undefined)[] = [];
        const unsubscribe = witness!.log.onLeader((name) => seen.push(name));
        cluster.cluster.isolate(leader.name);
        const next = await cluster.leader(leader);
        await cluster.until(() => seen.at(-1) === next.name);
        unsubscribe();
        const count = seen.length;
        cluster.cluster.heal();
        cluster.cluster.isolate(next.name);
        await cluster.leader(next);
        expect(seen).toHaveLength(count);
      }),
    );

    it(
      "stop ends what is under way as unknown, and what comes later as rejected",
      withCluster(factory, async (cluster) => {
        const leader = await cluster.leader();
        cluster.cluster.isolate(leader.name);
        const pending = leader.log.propose(new Uint8Array(1));
        const read = leader.log.read(() => 0);
        const failure = cluster.failure(read);
        await cluster.settled(leader.stop());
        expect(await pending).toEqual({ kind: "unknown", reason: "stopped" });
        expect(await failure).toMatchObject({ code: "stopped" });
        expect(await leader.log.propose(new Uint8Array(1))).toEqual({
          kind: "rejected",
          reason: "stopped",
        });
        await expect(leader.log.read(() => 0)).rejects.toMatchObject({ code: "stopped" });
        expect(leader.log.status().role).toBe("stopped");
      }),
    );
  });
}

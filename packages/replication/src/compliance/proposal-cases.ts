import { describe, expect, it } from "vitest";
import { type LogClusterFactory, textOf } from "./log-cluster.ts";
import { MAX_COMMAND_BYTES, withCluster } from "./with-cluster.ts";

export function proposalCases(factory: LogClusterFactory): void {
  describe("propose", () => {
    it(
      "a leader commits a command and answers with the state machine's result",
      withCluster(factory, async (cluster) => {
        const leader = await cluster.leader();
        const outcome = await cluster.propose(leader, "a");
        if (outcome.kind !== "committed") throw new Error(`was ${outcome.kind}: ${outcome.reason}`);
        expect(outcome.index).toBeGreaterThan(0);
        expect(textOf(outcome.result)).toBe("1");
      }),
    );

    it(
      "all nodes apply the same commands in the same order",
      withCluster(factory, async (cluster) => {
        const leader = await cluster.leader();
        const texts = Array.from({ length: 50 }, (_, at) => `${at}`);
        const outcomes = texts.map((text) => leader.log.propose(new TextEncoder().encode(text)));
        const committed = await cluster.settled(Promise.all(outcomes));
        const indices = committed.map((outcome) =>
          outcome.kind === "committed" ? outcome.index : 0,
        );
        expect(indices).toEqual(indices.toSorted((a, b) => a - b));
        expect(new Set(indices).size).toBe(texts.length);
        for (const member of cluster.members) {
          let lines: readonly string[] = [];
          await cluster.until(() => member.log.status().appliedIndex >= indices.at(-1)!);
          lines = await cluster.lines(member);
          expect(lines).toEqual(texts);
        }
      }),
    );

    it(
      "a node that does not lead rejects, and names the leader",
      withCluster(factory, async (cluster) => {
        const leader = await cluster.leader();
        const [follower] = cluster.followers(leader);
        expect(await cluster.propose(follower!, "a")).toEqual({
          kind: "rejected",
          reason: "not-leader",
          leader: leader.name,
        });
      }),
    );

    it(
      "a command above the largest size is rejected, one of that size is not",
      withCluster(factory, async (cluster) => {
        const leader = await cluster.leader();
        const large = await cluster.propose(leader, "x".repeat(MAX_COMMAND_BYTES + 1));
        expect(large).toEqual({ kind: "rejected", reason: "too-large" });
        expect(await cluster.propose(leader, "x".repeat(MAX_COMMAND_BYTES))).toMatchObject({
          kind: "committed",
        });
      }),
    );

    it(
      "a signal that had aborted before proposes nothing, and rejects with its reason",
      withCluster(factory, async (cluster) => {
        const leader = await cluster.leader();
        const reason = new Error("gone already");
        const proposal = leader.log.propose(new Uint8Array(1), {
          signal: AbortSignal.abort(reason),
        });
        await expect(proposal).rejects.toBe(reason);
        await cluster.propose(leader, "next");
        expect(await cluster.lines(leader)).toEqual(["next"]);
      }),
    );

    it(
      "a signal that aborts while the command is under way leaves its outcome unknown",
      withCluster(factory, async (cluster) => {
        const leader = await cluster.leader();
        cluster.cluster.isolate(leader.name);
        const gone = new AbortController();
        const proposal = leader.log.propose(new Uint8Array(1), { signal: gone.signal });
        gone.abort();
        expect(await cluster.settled(proposal)).toEqual({ kind: "unknown", reason: "aborted" });
      }),
    );
  });
}

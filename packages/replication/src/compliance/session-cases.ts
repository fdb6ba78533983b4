import { describe, expect, it } from "vitest";
import type { Outcome } from "../outcome.ts";
import {
  type ClusterUnderTest,
  type LogClusterFactory,
  type LogMember,
  textOf,
} from "./log-cluster.ts";
import { SESSION_TTL_MS, withCluster } from "./with-cluster.ts";

export function sessionCases(factory: LogClusterFactory): void {
  describe("sessions", () => {
    it(
      "a command that is proposed again is applied once, and gets its first result again",
      withCluster(factory, async (cluster) => {
        const leader = await cluster.leader();
        const sessionId = await open(cluster, leader);
        const first = await inSession(cluster, leader, sessionId, 1, "once");
        await inSession(cluster, leader, sessionId, 2, "then");
        const again = await inSession(cluster, leader, sessionId, 1, "once");
        expect(resultOf(first)).toBe("1");
        expect(resultOf(again)).toBe("1");
        expect(await cluster.lines(leader)).toEqual(["once", "then"]);
      }),
    );

    it(
      "raft.md 26: a retry after a failover, at another leader, is applied once",
      withCluster(factory, async (cluster) => {
        const leader = await cluster.leader();
        const sessionId = await open(cluster, leader);
        await inSession(cluster, leader, sessionId, 1, "once");
        cluster.cluster.isolate(leader.name);
        const next = await cluster.leader(leader);
        expect(resultOf(await inSession(cluster, next, sessionId, 1, "once"))).toBe("1");
        expect(await cluster.lines(next)).toEqual(["once"]);
      }),
    );

    it(
      "two tries of one command, proposed at once, are applied once",
      withCluster(factory, async (cluster) => {
        const leader = await cluster.leader();
        const sessionId = await open(cluster, leader);
        const tries = [1, 2, 3].map(() => inSession(cluster, leader, sessionId, 1, "once"));
        const outcomes = await Promise.all(tries);
        expect(outcomes.map(resultOf)).toEqual(["1", "1", "1"]);
        expect(await cluster.lines(leader)).toEqual(["once"]);
      }),
    );

    it(
      "a command in no session, or in one that is unknown, is not applied",
      withCluster(factory, async (cluster) => {
        const leader = await cluster.leader();
        const outcome = await inSession(cluster, leader, 987_654, 1, "never");
        expect(outcome).toEqual({ kind: "rejected", reason: "session-expired" });
        expect(await cluster.lines(leader)).toEqual([]);
      }),
    );

    it(
      "raft.md 26: a session that nobody uses expires by the log's time, on all nodes alike",
      withCluster(factory, async (cluster) => {
        const leader = await cluster.leader();
        const sessionId = await open(cluster, leader);
        const other = await open(cluster, leader);
        await inSession(cluster, leader, sessionId, 1, "in time");
        await cluster.cluster.pass(SESSION_TTL_MS / 2);
        await inSession(cluster, leader, other, 1, "meanwhile");
        await cluster.cluster.pass(SESSION_TTL_MS / 2 + 1_000);
        const late = await inSession(cluster, leader, sessionId, 2, "too late");
        expect(late).toEqual({ kind: "rejected", reason: "session-expired" });
        expect(await cluster.lines(leader)).toEqual(["in time", "meanwhile"]);
        cluster.cluster.isolate(leader.name);
        const next = await cluster.leader(leader);
        expect(await inSession(cluster, next, other, 2, "alive")).toMatchObject({
          kind: "committed",
        });
        expect(await inSession(cluster, next, sessionId, 2, "too late")).toEqual(late);
      }),
    );
  });
}

async function open(cluster: ClusterUnderTest, member: LogMember): Promise<number> {
  const outcome = await cluster.settled(member.log.openSession());
  if (outcome.kind === "committed") return outcome.result;
  throw new Error(`the session was ${outcome.kind}: ${outcome.reason}`);
}

function inSession(
  cluster: ClusterUnderTest,
  member: LogMember,
  sessionId: number,
  sequence: number,
  text: string,
): Promise<Outcome> {
  const session = { sessionId, sequence, answeredBelow: 1 };
  return cluster.settled(member.log.propose(new TextEncoder().encode(text), { session }));
}

function resultOf(outcome: Outcome): string {
  return outcome.kind === "committed"
    ? textOf(outcome.result)
    : `${outcome.kind} ${outcome.reason}`;
}

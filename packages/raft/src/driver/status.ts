import type { RaftCore } from "../core/raft-core.ts";
import type { FollowerStatus, RaftStatus } from "./raft-node.ts";

/** A node that runs, as it sees itself. */
export function statusOf(core: RaftCore, appliedIndex: number): RaftStatus {
  const { server, role, leadership } = core;
  const { log } = server;
  return {
    nodeId: server.id,
    role: role === "pre-candidate" ? "candidate" : role,
    leader: server.leader,
    term: server.term,
    votedFor: server.votedFor,
    commitIndex: server.commitIndex,
    appliedIndex,
    lastIndex: log.lastIndex,
    firstIndex: log.firstIndex,
    snapshotIndex: server.snapshot.index,
    voters: server.voters.ids,
    followers: leadership && followersOf(leadership),
  };
}

/** A node that was not started, or has ended. */
export function stoppedStatus(nodeId: string, voters: readonly string[]): RaftStatus {
  return {
    nodeId,
    role: "stopped",
    leader: undefined,
    term: 0,
    votedFor: undefined,
    commitIndex: 0,
    appliedIndex: 0,
    lastIndex: 0,
    firstIndex: 1,
    snapshotIndex: 0,
    voters,
    followers: undefined,
  };
}

function followersOf({
  followers,
}: NonNullable<RaftCore["leadership"]>): Readonly<Record<string, FollowerStatus>> {
  const entries = [...followers].map(([id, { matchIndex, state, active }]) => [
    id,
    { matchIndex, state, active },
  ]);
  return Object.fromEntries(entries) as Record<string, FollowerStatus>;
}

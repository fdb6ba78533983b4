import { showBallot } from "../../core/ballot.ts";
import type { LogCore } from "../core/log-core.ts";
import type { PaxosLogStatus, PeerStatus } from "./paxos-log-node.ts";

/** A node that runs, as it sees itself. */
export function statusOf(core: LogCore, appliedIndex: number): PaxosLogStatus {
  const { server, role, leadership } = core;
  const { acceptor } = server;
  const { log, configurations } = acceptor;
  return {
    nodeId: server.id,
    role: role === "canvasser" ? "candidate" : role,
    leader: server.leader,
    term: server.term,
    ballot: showBallot(acceptor.promised),
    isVoter: server.isVoter,
    commitIndex: acceptor.decided,
    appliedIndex,
    lastIndex: leadership?.lastIndex ?? log.lastIndex,
    firstIndex: log.base.index + 1,
    snapshotIndex: server.snapshot.index,
    voters: configurations.at(acceptor.decided + 1).nodes,
    followers: leadership && followersOf(core, leadership),
  };
}

/** A node that was not started, or has ended. */
export function stoppedStatus(nodeId: string, voters: readonly string[]): PaxosLogStatus {
  return {
    nodeId,
    role: "stopped",
    leader: undefined,
    term: 0,
    ballot: "none",
    isVoter: false,
    commitIndex: 0,
    appliedIndex: 0,
    lastIndex: 0,
    firstIndex: 1,
    snapshotIndex: 0,
    voters,
    followers: undefined,
  };
}

function followersOf(
  { server }: LogCore,
  { peers }: NonNullable<LogCore["leadership"]>,
): Readonly<Record<string, PeerStatus>> {
  const { latest } = server.acceptor.configurations;
  const followers: Record<string, PeerStatus> = {};
  for (const [node, { progress, life }] of peers) {
    const { matchIndex, state, active } = progress;
    const isVoter = life !== undefined && latest.admits(node, life);
    followers[node] = { matchIndex, state, active, isVoter };
  }
  return followers;
}

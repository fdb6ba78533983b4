import type { PaxosLogStatus } from "./paxos-log-node.ts";

/** In words: what keeps a node from making progress. Empty when nothing does. */
export function explain(
  status: PaxosLogStatus,
  diskPendingMs: number,
  isRestoring: boolean,
): string[] {
  return [
    ...leaderTrouble(status),
    ...followerTrouble(status),
    ...ownTrouble(status, diskPendingMs, isRestoring),
  ];
}

function leaderTrouble({ role, leader, ballot, voters, nodeId }: PaxosLogStatus): string[] {
  if (role === "candidate") {
    return [
      `${nodeId} knows of no leader and asks for promises, beyond ballot ${ballot}: ` +
        `it needs ${quorumOf(voters)} of ${voters.length} voters to answer`,
    ];
  }
  if (leader === undefined) return [`${nodeId} knows of no leader yet; ballot ${ballot}`];
  return [];
}

function followerTrouble(status: PaxosLogStatus): string[] {
  const { followers, lastIndex, commitIndex, voters, nodeId } = status;
  if (!followers) return [];
  const trouble = Object.entries(followers).flatMap(([id, { active, state, matchIndex }]) => {
    if (!active && matchIndex < lastIndex) return [`${id} has not answered lately`];
    if (state === "snapshot")
      return [`${id} is being sent a snapshot: the slots it lacks are trimmed`];
    if (state === "probe") return [`${id}: it is not known yet how far it is`];
    return [];
  });
  const voteless = Object.entries(followers)
    .filter(([id, { isVoter, active }]) => !isVoter && active && voters.includes(id))
    .map(([id]) => `${id} has lost its data, and does not vote until it is added again`);
  if (commitIndex === lastIndex) return [...trouble, ...voteless];
  const have = Object.values(followers).filter(
    ({ matchIndex, isVoter }) => isVoter && matchIndex > commitIndex,
  ).length;
  return [
    ...trouble,
    ...voteless,
    `slot ${commitIndex + 1} is not decided: besides ${nodeId}, ${have} of ` +
      `${voters.length - 1} acceptors have accepted, and ${quorumOf(voters)} of ${voters.length} must`,
  ];
}

function ownTrouble(status: PaxosLogStatus, diskPendingMs: number, isRestoring: boolean): string[] {
  const { nodeId, appliedIndex, commitIndex, isVoter } = status;
  const trouble: string[] = [];
  if (!isVoter) trouble.push(`${nodeId} does not vote: it was not added, or has lost its data`);
  if (diskPendingMs > 0) {
    trouble.push(`${nodeId} waits for its disk since ${Math.round(diskPendingMs)} ms`);
  }
  if (isRestoring) trouble.push(`${nodeId} is taking over a snapshot`);
  else if (appliedIndex < commitIndex) {
    trouble.push(`${nodeId} has applied up to ${appliedIndex} of ${commitIndex}`);
  }
  return trouble;
}

function quorumOf(voters: readonly string[]): number {
  return Math.floor(voters.length / 2) + 1;
}

import type { RaftStatus } from "./raft-node.ts";

/** In words: what keeps this node, or its cluster as far as it knows, from making progress. */
export function explain(status: RaftStatus, diskPendingMs: number, isRestoring: boolean): string[] {
  return [
    ...leaderTrouble(status),
    ...followerTrouble(status),
    ...ownTrouble(status, diskPendingMs, isRestoring),
  ];
}

function leaderTrouble({ role, leader, term, voters, nodeId }: RaftStatus): string[] {
  const quorum = Math.floor(voters.length / 2) + 1;
  if (role === "candidate") {
    return [
      `${nodeId} knows of no leader in term ${term} and asks for votes: ` +
        `it needs ${quorum} of ${voters.length} voters to answer and agree`,
    ];
  }
  if (leader === undefined) return [`${nodeId} knows of no leader in term ${term} yet`];
  return [];
}

function followerTrouble({
  followers,
  lastIndex,
  commitIndex,
  voters,
  nodeId,
}: RaftStatus): string[] {
  if (!followers) return [];
  const trouble = Object.entries(followers).flatMap(([id, { active, state, matchIndex }]) => {
    if (!active && matchIndex < lastIndex) return [`${id} has not answered lately`];
    if (state === "snapshot")
      return [`${id} is being sent a snapshot: the entries it lacks are gone`];
    if (state === "probe") return [`${id}: it is not known yet where its log ends`];
    return [];
  });
  if (commitIndex === lastIndex) return trouble;
  const have = Object.values(followers).filter(({ matchIndex }) => matchIndex > commitIndex).length;
  const quorum = Math.floor(voters.length / 2) + 1;
  return [
    ...trouble,
    `entry ${commitIndex + 1} is not committed: besides ${nodeId}, ${have} of ` +
      `${voters.length - 1} followers have it, and ${quorum} of ${voters.length} disks must`,
  ];
}

function ownTrouble(status: RaftStatus, diskPendingMs: number, isRestoring: boolean): string[] {
  const { nodeId, appliedIndex, commitIndex } = status;
  const trouble: string[] = [];
  if (diskPendingMs > 0) {
    trouble.push(`${nodeId} waits for its disk since ${Math.round(diskPendingMs)} ms`);
  }
  if (isRestoring) trouble.push(`${nodeId} is taking over a snapshot`);
  else if (appliedIndex < commitIndex) {
    trouble.push(`${nodeId} has applied up to ${appliedIndex} of ${commitIndex}`);
  }
  return trouble;
}

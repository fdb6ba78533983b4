import type { RegisterMetrics, RegisterStatus } from "../register-node.ts";

/** In words: what keeps a node's operations waiting. */
export function explainRegister(status: RegisterStatus, metrics: RegisterMetrics): string[] {
  const { nodeId, isRunning, epoch, members, nextMembers, votes } = status;
  if (!isRunning) return [`${nodeId} does not run`];
  const reasons: string[] = [];
  if (!votes && [...members, ...(nextMembers ?? [])].includes(nodeId)) {
    reasons.push(`${nodeId} accepts nothing: its data was lost, until changeMembers takes it in`);
  }
  if (nextMembers) {
    reasons.push(
      `the members are being changed to ${nextMembers.join(", ")} (epoch ${epoch}): until it is ` +
        `done, majorities of them and of ${members.join(", ")} must accept`,
    );
  }
  if (metrics.operations > 0) {
    const { operations, busyKeys } = metrics;
    reasons.push(
      `${operations} operations on ${busyKeys} keys wait for a majority of ${members.join(", ")}`,
    );
  }
  if (metrics.keysToCollect > 0) {
    reasons.push(`${metrics.keysToCollect} deleted keys wait until all members answer`);
  }
  return reasons;
}

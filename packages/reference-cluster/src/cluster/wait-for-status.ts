import { type Clock, systemClock } from "@quorate/runtime";
import { ClusterError } from "../cluster-error.ts";
import type { Cluster } from "./cluster.ts";
import type { ShardReport } from "../node/node-report.ts";
import type { ClusterStatus } from "./cluster-status.ts";

const POLL_MS = 25;

/**
 * Asks until the cluster is as wanted.
 *
 * @throws {ClusterError} `not-ready` after `timeoutMs`.
 */
export async function waitForStatus(
  cluster: Pick<Cluster, "status">,
  goal: string,
  isReached: (status: ClusterStatus) => boolean,
  timeoutMs: number,
  clock: Clock = systemClock,
): Promise<ClusterStatus> {
  const deadlineMs = clock.now() + timeoutMs;
  for (;;) {
    const status = await cluster.status();
    if (isReached(status)) return status;
    if (clock.now() >= deadlineMs) {
      throw new ClusterError("not-ready", `after ${timeoutMs / 1_000} s it is not so that ${goal}`);
    }
    await new Promise<void>((resolve) => clock.setTimer(POLL_MS, resolve));
  }
}

/** Every node is up, every shard has a leader, and every service is in the rotation. */
export function isWhole({ leader, nodes, services }: ClusterStatus): boolean {
  const areUp = nodes.every(({ state }) => state === "up");
  return leader !== undefined && areUp && services.every(({ state }) => state === "healthy");
}

/** Every node is up and has applied all that any of them knows to be committed, of each shard. */
export function isCaughtUp(status: ClusterStatus): boolean {
  if (!isWhole(status)) return false;
  return status.shards.every(({ name, commitIndex }) =>
    replicasOf(status, name).every(({ state }) => state.appliedIndex === commitIndex),
  );
}

/** Whether all replicas of each shard have the same state. */
export function isAgreed(status: ClusterStatus): boolean {
  return status.shards.every(
    ({ name }) => new Set(replicasOf(status, name).map(({ state }) => state.hash)).size === 1,
  );
}

function replicasOf({ nodes }: ClusterStatus, shard: string): ShardReport[] {
  return nodes.flatMap(({ report }) => report?.shards.filter(({ name }) => name === shard) ?? []);
}

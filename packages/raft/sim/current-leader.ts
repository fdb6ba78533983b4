import type { SimulatedNode } from "@quorate/simulation";
import type { ReplicationStatus } from "@quorate/replication";

/** What each node runs, as far as this needs to know. */
interface ReplicatedProgram {
  readonly log: { status(): ReplicationStatus };
}

/** Of those that hold themselves for the leader the one of the latest term: others have lost theirs. */
export function currentLeader(
  running: readonly SimulatedNode<ReplicatedProgram>[],
): string | undefined {
  const leading = running
    .map(({ name, instance }) => ({ name, status: instance!.log.status() }))
    .filter(({ status }) => status.role === "leader");
  return leading.toSorted((a, b) => b.status.term - a.status.term)[0]?.name;
}

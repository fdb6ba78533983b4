import { DrivenLog } from "@quorate/replication/driver";
import type { StateMachine } from "@quorate/replication";
import { systemClock, systemRandom } from "@quorate/runtime";
import { type RaftOptions, validated } from "../options.ts";
import { WalStorage } from "../storage/wal-storage.ts";
import { raftAlgorithm } from "./raft-algorithm.ts";
import type { RaftDependencies, RaftNode } from "./raft-node.ts";

/**
 * Makes a node; `start` lets it join its cluster.
 *
 * @throws {ReplicationError} `invalid-option`.
 */
export function createRaftNode<S extends StateMachine>(
  options: RaftOptions,
  dependencies: RaftDependencies<S>,
): RaftNode<S> {
  const { transport, machine, clock = systemClock, random = systemRandom } = dependencies;
  const { nodeId } = transport;
  const all = validated(options, transport);
  const { directory, voters } = all;
  const storage = dependencies.storage ?? new WalStorage({ directory, nodeId, voters });
  return new DrivenLog(
    all,
    { transport, machine, storage, clock, random },
    raftAlgorithm(nodeId, all),
  );
}

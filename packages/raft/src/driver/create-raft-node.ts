import type { StateMachine } from "@quorate/replication";
import { systemClock, systemRandom } from "@quorate/runtime";
import { type RaftOptions, validated } from "../options.ts";
import { WalStorage } from "../storage/wal-storage.ts";
import { DrivenRaftNode } from "./driven-raft-node.ts";
import type { RaftDependencies, RaftNode } from "./raft-node.ts";

/**
 * Makes a node; `start` lets it join its cluster.
 *
 * @throws {RaftError} `invalid-option`.
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
  return new DrivenRaftNode(all, { transport, machine, storage, clock, random });
}

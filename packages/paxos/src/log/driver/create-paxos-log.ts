import type { StateMachine } from "@quorate/replication";
import { systemClock, systemRandom } from "@quorate/runtime";
import { LogWalStorage } from "../storage/log-wal-storage.ts";
import { type PaxosLogOptions, validated } from "./options.ts";
import { PaxosLog } from "./paxos-log.ts";
import { paxosLogAlgorithm } from "./paxos-log-algorithm.ts";
import type { PaxosLogDependencies, PaxosLogNode } from "./paxos-log-node.ts";

/**
 * Makes a node; `start` lets it join its cluster.
 *
 * @throws {ReplicationError} `invalid-option`.
 */
export function createPaxosLog<S extends StateMachine>(
  options: PaxosLogOptions,
  dependencies: PaxosLogDependencies<S>,
): PaxosLogNode<S> {
  const { transport, machine, clock = systemClock, random = systemRandom } = dependencies;
  const { nodeId } = transport;
  const all = validated(options, transport);
  const storage = dependencies.storage ?? new LogWalStorage({ ...all, nodeId });
  const parts = { transport, machine, storage, clock, random };
  return new PaxosLog(all, parts, paxosLogAlgorithm(nodeId, all));
}

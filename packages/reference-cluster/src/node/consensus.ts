/** By which algorithm the replicas of a shard agree; the same on all nodes, as long as the cluster lives. */
export type Consensus = "raft" | "paxos";

export const CONSENSUS_NAMES: readonly Consensus[] = ["raft", "paxos"];

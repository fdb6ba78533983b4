/**
 * How fresh a read is.
 *
 * - `linearizable`: sees all that was acknowledged before it began. Costs a round of messages,
 *   shared by all reads that wait for it (Raft dissertation, §6.4).
 * - `stale`: this node's state as it is. Never goes back on one node, may lag without bound, and
 *   works without a quorum.
 */
export type ReadConsistency = "linearizable" | "stale";

import { KvStateMachine, serveKv } from "@quorate/kv";
import { createRaftNode, type RaftNode, WalStorage } from "@quorate/raft";
import type { Transport } from "@quorate/transport";
import { join } from "node:path";
import type { NodeOptions } from "./node-options.ts";

/** Failover well below a second, with a timeout that is long beside a round trip and a disk write. */
const ELECTION_TIMEOUT_MS = 300;
const HEARTBEAT_MS = 50;
/** Of a shard's log: the last one is read to its end at each start, and a node has many shards. */
const SEGMENT_BYTES = 8 * 1_024 * 1_024;
/** Of all shards of a node together: it bounds their logs in memory, to about twice this. */
const SNAPSHOT_AFTER_BYTES = 64 * 1_024 * 1_024;

/** This node's member of a shard: a Raft group of its own, and a store in front of it. */
export function createShard(
  name: string,
  { nodes, directory, shards }: Pick<NodeOptions, "nodes" | "directory" | "shards">,
  transport: Transport,
): RaftNode<KvStateMachine> {
  const { nodeId } = transport;
  const own = { directory: join(directory, name), voters: Object.keys(nodes) };
  const storage = new WalStorage({ ...own, nodeId, segmentBytes: SEGMENT_BYTES });
  const raft = createRaftNode(
    {
      ...own,
      group: name,
      electionTimeoutMs: ELECTION_TIMEOUT_MS,
      heartbeatMs: HEARTBEAT_MS,
      snapshotAfterBytes: Math.ceil(SNAPSHOT_AFTER_BYTES / shards.length),
    },
    { transport, machine: new KvStateMachine(), storage },
  );
  serveKv(raft, transport, { store: name });
  return raft;
}

import { KvStateMachine, serveKv } from "@quorate/kv";
import { createPaxosLog, LogWalStorage } from "@quorate/paxos/log";
import { createRaftNode, WalStorage } from "@quorate/raft";
import type { DrivenNode } from "@quorate/replication/driver";
import type { Transport } from "@quorate/transport";
import { join } from "node:path";
import type { NodeOptions } from "./node-options.ts";

/** Failover well below a second, with a timeout that is long beside a round trip and a disk write. */
const ELECTION_TIMEOUT_MS = 300;
const HEARTBEAT_MS = 50;
/** Of a shard's log: the last one is read to its end at each start, and a node has many shards. */
const SEGMENT_BYTES = 8 * 1_024 * 1_024;
/** Slots of a Paxos log under way; far above what a shard's clients propose in a round trip. */
const WINDOW = 4_096;
/** Of all shards of a node together: it bounds their logs in memory, to about twice this. */
const SNAPSHOT_AFTER_BYTES = 64 * 1_024 * 1_024;
/** Of a shard: its past is kept for so many writes, and for twice as many at most, so memory has a bound. */
const KEEP_REVISIONS = 10_000;

/** This node's member of a shard: a group of its own, and a store in front of it. */
export function createShard(
  name: string,
  options: Pick<NodeOptions, "nodes" | "directory" | "shards" | "consensus" | "bootstrap">,
  transport: Transport,
): DrivenNode<KvStateMachine> {
  const log = createLog(name, options, transport);
  serveKv(log, transport, { store: name });
  return log;
}

function createLog(
  name: string,
  { nodes, directory, shards, consensus, bootstrap }: Parameters<typeof createShard>[1],
  transport: Transport,
): DrivenNode<KvStateMachine> {
  const { nodeId } = transport;
  const own = { directory: join(directory, name), voters: Object.keys(nodes) };
  const onDisk = { ...own, nodeId, segmentBytes: SEGMENT_BYTES };
  const options = {
    ...own,
    group: name,
    electionTimeoutMs: ELECTION_TIMEOUT_MS,
    heartbeatMs: HEARTBEAT_MS,
    snapshotAfterBytes: Math.ceil(SNAPSHOT_AFTER_BYTES / shards.length),
  };
  const machine = new KvStateMachine({ keepRevisions: KEEP_REVISIONS });
  if (consensus === "raft") {
    return createRaftNode(options, { transport, machine, storage: new WalStorage(onDisk) });
  }
  const storage = new LogWalStorage({ ...onDisk, bootstrap, window: WINDOW });
  return createPaxosLog({ ...options, bootstrap, window: WINDOW }, { transport, machine, storage });
}

import { mkdir } from "node:fs/promises";
import { KvStateMachine, serveKv } from "@quorate/kv";
import { createRaftNode, type RaftError } from "@quorate/raft";
import { createTcpTransport } from "@quorate/transport/tcp";
import { lockFolder } from "../cluster/folder-lock.ts";
import type { NodeOptions } from "./node-options.ts";
import { serveNodeReports } from "./node-report.ts";

/** Failover well below a second, with a timeout that is long beside a round trip and a disk write. */
const ELECTION_TIMEOUT_MS = 300;
const HEARTBEAT_MS = 50;

/** A node that takes part in its cluster. */
export interface StartedNode {
  /** Told once if the node had to stop by itself. */
  onFailure(listener: (error: RaftError) => void): () => void;
  stop(): Promise<void>;
}

/** One node: a replicated key-value store over TCP and its own folder. */
export async function startNode(options: NodeOptions): Promise<StartedNode> {
  const { nodeId, clusterId, directory, nodes } = options;
  await mkdir(directory, { recursive: true });
  const lock = await lockFolder(directory);
  const listen = nodes[nodeId] ?? { port: 0 };
  const transport = createTcpTransport({ nodeId, clusterId, listen, peers: nodes });
  const machine = new KvStateMachine();
  const raft = createRaftNode(
    {
      voters: Object.keys(nodes),
      directory,
      electionTimeoutMs: ELECTION_TIMEOUT_MS,
      heartbeatMs: HEARTBEAT_MS,
    },
    { transport, machine },
  );
  serveKv(raft, transport);
  serveNodeReports(raft, transport);
  await transport.start();
  await raft.start();
  return {
    onFailure: (listener) => raft.onFailure(listener),
    stop: async () => {
      await raft.stop();
      await transport.stop();
      await lock[Symbol.asyncDispose]();
    },
  };
}

import { mkdir } from "node:fs/promises";
import type { ReplicationError } from "@quorate/replication";
import { createTcpTransport } from "@quorate/transport/tcp";
import { lockFolder } from "../cluster/folder-lock.ts";
import { createShard } from "./create-shard.ts";
import type { NodeOptions } from "./node-options.ts";
import { serveNodeReports } from "./node-report.ts";

/** A node that takes part in its cluster. */
export interface StartedNode {
  /** Told once for each shard that had to stop by itself. */
  onFailure(listener: (error: ReplicationError) => void): () => void;
  stop(): Promise<void>;
}

/** One node: a member of each shard's group, over one TCP transport and in one folder. */
export async function startNode(options: NodeOptions): Promise<StartedNode> {
  const { nodeId, clusterId, directory, nodes } = options;
  await mkdir(directory, { recursive: true });
  const lock = await lockFolder(directory);
  const listen = nodes[nodeId] ?? { port: 0 };
  const transport = createTcpTransport({ nodeId, clusterId, listen, peers: nodes });
  const shards = new Map(
    options.shards.map((name) => [name, createShard(name, options, transport)]),
  );
  serveNodeReports(shards, transport);
  await transport.start();
  const members = [...shards.values()];
  await Promise.all(members.map((log) => log.start()));
  return {
    onFailure: (listener) => {
      const unsubscribes = members.map((log) => log.onFailure(listener));
      return () => unsubscribes.forEach((unsubscribe) => unsubscribe());
    },
    stop: async () => {
      await Promise.all(members.map((log) => log.stop()));
      await transport.stop();
      await lock[Symbol.asyncDispose]();
    },
  };
}

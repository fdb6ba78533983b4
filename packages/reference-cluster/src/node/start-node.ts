import { mkdir } from "node:fs/promises";
import { createRegisterNode } from "@quorate/paxos/register";
import { systemClock } from "@quorate/runtime";
import type { Transport } from "@quorate/transport";
import { createTcpTransport } from "@quorate/transport/tcp";
import { join } from "node:path";
import { foundConfig } from "../config/cluster-config.ts";
import { ConfigNode } from "../config/config-node.ts";
import { lockFolder } from "../cluster/folder-lock.ts";
import { COORDINATION } from "../coordination/coordination-store.ts";
import { createShard } from "./create-shard.ts";
import type { NodeOptions } from "./node-options.ts";
import { serveNodeReports } from "./node-report.ts";

/** A node that takes part in its cluster. */
export interface StartedNode {
  /** Told once for each part that had to stop by itself. */
  onFailure(listener: (error: Error) => void): () => void;
  stop(): Promise<void>;
}

/**
 * One node: a member of each shard's group, of the coordination store's, and of the register,
 * over one TCP transport and in one folder.
 */
export async function startNode(options: NodeOptions): Promise<StartedNode> {
  const { nodeId, clusterId, directory, nodes } = options;
  await mkdir(directory, { recursive: true });
  const lock = await lockFolder(directory);
  const listen = nodes[nodeId] ?? { port: 0 };
  const transport = createTcpTransport({ nodeId, clusterId, listen, peers: nodes });
  const shards = new Map(
    options.shards.map((name) => [name, createShard(name, options, transport)]),
  );
  const coordination = createShard(COORDINATION, options, transport);
  const config = createConfigNode(options, transport);
  serveNodeReports(shards, coordination, config, transport);
  await transport.start();
  const parts = [...shards.values(), coordination, config];
  await Promise.all(parts.map((part) => part.start()));
  return {
    onFailure: (listener) => {
      const unsubscribes = parts.map((part) => part.onFailure(listener));
      return () => unsubscribes.forEach((unsubscribe) => unsubscribe());
    },
    stop: async () => {
      await Promise.all(parts.map((part) => part.stop()));
      await transport.stop();
      await lock[Symbol.asyncDispose]();
    },
  };
}

function createConfigNode(
  { directory, nodes, shards, bootstrap }: NodeOptions,
  transport: Transport,
): ConfigNode {
  const members = Object.keys(nodes);
  const own = { members, directory: join(directory, "config"), name: "config", bootstrap };
  const register = createRegisterNode(own, { transport });
  return new ConfigNode(register, foundConfig(shards, members), transport, systemClock);
}

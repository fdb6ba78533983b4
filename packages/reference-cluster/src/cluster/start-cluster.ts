import { createKvClient, type KvClient } from "@quorate/kv";
import { systemClock } from "@quorate/runtime";
import type { Transport } from "@quorate/transport";
import { createTcpTransport, type TcpAddress } from "@quorate/transport/tcp";
import type { FastifyInstance } from "fastify";
import { join } from "node:path";
import { ClusterError } from "../cluster-error.ts";
import { createGateway } from "../gateway/gateway.ts";
import { Metrics } from "../gateway/metrics.ts";
import { Traffic } from "../gateway/traffic.ts";
import { OrderStore } from "../orders/order-store.ts";
import { shardNames } from "../shards/shard-ring.ts";
import { makeFolder, openClusterFolder } from "./cluster-folder.ts";
import { askStatus } from "./cluster-status.ts";
import type { Cluster, ClusterOptions } from "./cluster.ts";
import { lockFolder } from "./folder-lock.ts";
import { freePorts } from "./free-ports.ts";
import { SupervisedNode } from "./supervised-node.ts";
import { Undo } from "./undo.ts";

const HOST = "127.0.0.1";
/** How long a request is tried before it is answered with 503 or 504. */
const REQUEST_TIMEOUT_MS = 5_000;
/** How long the nodes may take to elect the first leader of each shard. */
const LEADER_TIMEOUT_MS = 15_000;
const NODE_COUNTS = [1, 3, 5, 7];
const MAX_SHARDS = 16;

/**
 * Starts node processes, a gateway to them in this process, and waits for the shards' leaders.
 *
 * @throws {ClusterError} any of its codes but `bad-input`; nothing is left behind.
 */
export async function startCluster(options: ClusterOptions): Promise<Cluster> {
  checkOptions(options);
  const undo = new Undo();
  try {
    return await assemble(options, undo);
  } catch (error) {
    await undo.all();
    throw error;
  }
}

async function assemble(
  { dataDirectory, nodes, shards, port = 8_080 }: ClusterOptions,
  undo: Undo,
): Promise<Cluster> {
  const path = await makeFolder(dataDirectory);
  const lock = await lockFolder(path);
  undo.add(() => lock[Symbol.asyncDispose]());
  const { clusterId, nodeIds, ring } = await openClusterFolder(path, { nodes, shards });
  const names = shardNames(ring);

  const peers = await addresses(nodeIds);
  const processes = nodeIds.map(
    (nodeId) =>
      new SupervisedNode({
        ...{ nodeId, clusterId, nodes: peers },
        ...{ directory: join(path, nodeId), shards: names },
      }),
  );
  const transport = createTcpTransport({ nodeId: "gateway", clusterId, peers });
  const stores = new Map(names.map((name) => [name, clientOf(name, nodeIds, transport)]));
  const clients = [...stores.values()];
  const orders = new OrderStore(ring, stores, systemClock);
  const status = () => askStatus(transport, processes, ring);
  const traffic = new Traffic(systemClock);
  const metrics = new Metrics(status);
  const gateway = createGateway({ orders, status, metrics, traffic });

  undo.add(() => transport.stop());
  await transport.start();
  undo.add(() => Promise.all(processes.map((node) => node.stop())));
  // At once: what is under way at the gateway ends early when its client gives up.
  undo.add(() => Promise.all([gateway.close(), ...clients.map((kv) => kv.stop())]));
  const url = await listen(gateway, port);
  await Promise.all(processes.map((node) => node.start()));
  await Promise.all([...stores].map(([name, kv]) => leaderOf(name, kv)));

  const stop = () => undo.all();
  return {
    url,
    dataDirectory: path,
    nodeIds,
    orders,
    status,
    traffic: () => traffic.sample(),
    kill: (nodeId) => named(processes, nodeId).kill(),
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

function clientOf(store: string, nodes: readonly string[], transport: Transport): KvClient {
  return createKvClient({ nodes, store, timeoutMs: REQUEST_TIMEOUT_MS }, { transport });
}

async function leaderOf(shard: string, kv: KvClient): Promise<void> {
  try {
    await kv.get("a leader", { timeoutMs: LEADER_TIMEOUT_MS });
  } catch (cause) {
    const message = `no leader of ${shard} came about: ${(cause as Error).message}`;
    throw new ClusterError("not-ready", message, { cause });
  }
}

async function addresses(nodeIds: readonly string[]): Promise<Record<string, TcpAddress>> {
  const ports = await freePorts(nodeIds.length);
  return Object.fromEntries(nodeIds.map((id, at) => [id, { host: HOST, port: ports[at]! }]));
}

async function listen(gateway: FastifyInstance, port: number): Promise<string> {
  try {
    return await gateway.listen({ host: HOST, port });
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== "EADDRINUSE") throw cause;
    const message = `port ${port} is in use by another program: choose another with --port`;
    throw new ClusterError("address-in-use", message, { cause });
  }
}

function named(processes: readonly SupervisedNode[], nodeId: string): SupervisedNode {
  const found = processes.find(({ id }) => id === nodeId);
  if (!found) throw new ClusterError("invalid-option", `there is no node ${nodeId}`);
  return found;
}

function checkOptions({ dataDirectory, nodes, shards = 1, port = 0 }: ClusterOptions): void {
  if (dataDirectory === "") throw new ClusterError("invalid-option", "dataDirectory is empty");
  if (nodes !== undefined && !NODE_COUNTS.includes(nodes)) {
    const message = `nodes must be one of ${NODE_COUNTS.join(", ")}, not ${nodes}`;
    throw new ClusterError("invalid-option", message);
  }
  if (!(Number.isInteger(shards) && shards >= 1 && shards <= MAX_SHARDS)) {
    const message = `shards must be 1 to ${MAX_SHARDS}, not ${shards}`;
    throw new ClusterError("invalid-option", message);
  }
  if (!(Number.isInteger(port) && port >= 0 && port <= 65_535)) {
    throw new ClusterError("invalid-option", `port must be 0 to 65535, not ${port}`);
  }
}

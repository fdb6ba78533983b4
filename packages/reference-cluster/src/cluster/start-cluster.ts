import type { KvClient } from "@quorate/kv";
import { createRegistry } from "@quorate/registry";
import { systemClock } from "@quorate/runtime";
import { createTcpTransport } from "@quorate/transport/tcp";
import type { FastifyInstance } from "fastify";
import { join } from "node:path";
import { ClusterError } from "../cluster-error.ts";
import { ConfigClient } from "../config/config-client.ts";
import { WatchedConfig } from "../config/watched-config.ts";
import { createGateway } from "../gateway/gateway.ts";
import { Metrics } from "../gateway/metrics.ts";
import { OrderServices } from "../gateway/order-services.ts";
import { Traffic } from "../gateway/traffic.ts";
import { toArguments } from "../node/node-options.ts";
import { connectLocks } from "../coordination/cluster-locks.ts";
import {
  connectCoordination,
  COORDINATION,
  ORDER_SERVICE,
} from "../coordination/coordination-store.ts";
import { connectOrders } from "../orders/connect-orders.ts";
import { type Ranking, startRanking } from "../ranking/ranking.ts";
import { currentReviews } from "../ranking/stored-reviews.ts";
import { liveReport } from "../live/live-report.ts";
import { type LiveStatus, stateOf } from "../live/live-status.ts";
import { shardNames } from "../shards/shard-ring.ts";
import { makeFolder, noteStarted, openClusterFolder } from "./cluster-folder.ts";
import { askStatus } from "./cluster-status.ts";
import type { Cluster, ClusterOptions } from "./cluster.ts";
import { lockFolder } from "./folder-lock.ts";
import { freePorts } from "./free-ports.ts";
import { serviceProcesses, streamerProcess } from "./service-processes.ts";
import { serviceStatuses } from "./service-status.ts";
import { SupervisedProcess } from "./supervised-process.ts";
import { Undo } from "./undo.ts";

const HOST = "127.0.0.1";
/** How long the nodes may take to elect the first leader of each shard. */
const LEADER_TIMEOUT_MS = 15_000;
const NODE_COUNTS = [1, 3, 5, 7];
const MAX_SHARDS = 16;
const MAX_SERVICES = 16;
const DEFAULT_SERVICES = 3;
const MAX_DISPATCHERS = 4;
const DEFAULT_DISPATCHERS = 2;
/** Of the data folder: where rankings are made. */
const RANKINGS = "rankings";
const RANKING_WORKERS = 3;
/** Of the data folder: what the streaming process keeps. */
const LIVE_FOLDER = "live";

/**
 * Starts the processes of nodes and order services, a gateway to these in this process, and waits
 * for the shards' leaders.
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
  {
    dataDirectory,
    nodes,
    shards,
    consensus: wanted,
    services: serviceCount = DEFAULT_SERVICES,
    dispatchers: dispatcherCount = DEFAULT_DISPATCHERS,
    live: isLive = true,
    port = 8_080,
  }: ClusterOptions,
  undo: Undo,
): Promise<Cluster> {
  const path = await makeFolder(dataDirectory);
  const lock = await lockFolder(path);
  undo.add(() => lock[Symbol.asyncDispose]());
  const folder = await openClusterFolder(path, { nodes, shards, consensus: wanted });
  const { clusterId, nodeIds, ring, consensus } = folder;
  const bootstrap = !folder.hasStarted;

  const ports = await freePorts(nodeIds.length);
  const peers = Object.fromEntries(nodeIds.map((id) => [id, { host: HOST, port: ports.pop()! }]));
  const nodeProcesses = nodeIds.map((nodeId) => {
    const own = {
      nodeId,
      directory: join(path, nodeId),
      shards: shardNames(ring),
      consensus,
      bootstrap,
    };
    return new SupervisedProcess(nodeId, [
      "node",
      ...toArguments({ ...own, clusterId, nodes: peers }),
    ]);
  });
  const common = { clusterId, nodes: peers, ring: ring.toJSON() };
  const processes = serviceProcesses("service", serviceCount, common);
  const dispatchers = serviceProcesses("dispatcher", dispatcherCount, common);
  const streamer = isLive ? streamerProcess(join(path, LIVE_FOLDER), common) : undefined;
  const transport = createTcpTransport({ nodeId: "gateway", clusterId, peers });
  const connected = connectOrders(ring, nodeIds, transport);
  const coordination = connectCoordination(nodeIds, transport);
  const registry = createRegistry(coordination);
  const { locks, list: listLocks } = connectLocks(coordination);
  const services = new OrderServices(registry.endpoints(ORDER_SERVICE));
  const serviceStatus = () => serviceStatuses(services, processes);
  const status = () => askStatus(transport, nodeProcesses, ring, serviceStatus);
  const traffic = new Traffic(systemClock);
  const metrics = new Metrics(status);
  const config = new ConfigClient(transport, nodeIds);
  const features = new WatchedConfig(config, systemClock);
  const rank = async (): Promise<Ranking> =>
    startRanking({
      clusterId,
      reviews: await currentReviews(clusterId, peers, connected.stores),
      folder: join(path, RANKINGS),
      workers: RANKING_WORKERS,
    });
  const live = async (lastMinutes: number): Promise<LiveStatus | undefined> =>
    streamer && { process: stateOf(streamer), ...(await liveReport(coordination, lastMinutes)) };
  const gateway = createGateway({
    ...{ services, config, features, status, locks: listLocks, metrics, traffic },
    rank: async () => (await rank()).result,
    live,
  });

  undo.add(() => transport.stop());
  await transport.start();
  const others = [...processes, ...dispatchers, ...(streamer ? [streamer] : [])];
  const all = [...nodeProcesses, ...others];
  undo.add(() => Promise.all(nodeProcesses.map((node) => node.stop())));
  undo.add(() => services[Symbol.asyncDispose]());
  // At once: what is under way at the gateway ends early when the services give up.
  undo.add(() =>
    Promise.all([
      gateway.close(),
      connected.stop(),
      locks.stop().then(() => coordination.stop()),
      ...others.map((each) => each.stop()),
    ]),
  );
  const url = await listen(gateway, port);
  await Promise.all(all.map((each) => each.start()));
  const stores = [...connected.stores, [COORDINATION, coordination] as const];
  await Promise.all(stores.map(([name, kv]) => leaderOf(name, kv)));
  await services.start();
  undo.add(() => features.stop());
  await features.start();
  await noteStarted(folder);

  const stop = () => undo.all();
  return {
    url,
    dataDirectory: path,
    nodeIds,
    serviceIds: processes.map(({ id }) => id),
    dispatcherIds: dispatchers.map(({ id }) => id),
    orders: connected.orders,
    deliveries: connected.deliveries,
    reviews: connected.reviews,
    rank,
    live,
    status,
    services: serviceStatus,
    onServiceChange: (listener) => services.onChange(listener),
    traffic: () => traffic.sample(),
    locks: listLocks,
    kill: (id) => named(all, id).kill(),
    pause: (id) => named(all, id).pause(),
    resume: (id) => named(all, id).resume(),
    dispatchBlindly: async (id, orderId) =>
      (await named(dispatchers, id).ask({ dispatchBlindly: orderId })).dispatched,
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

async function leaderOf(shard: string, kv: KvClient): Promise<void> {
  try {
    await kv.get("a leader", { timeoutMs: LEADER_TIMEOUT_MS });
  } catch (cause) {
    const message = `no leader of ${shard} came about: ${(cause as Error).message}`;
    throw new ClusterError("not-ready", message, { cause });
  }
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

function named(processes: readonly SupervisedProcess[], wanted: string): SupervisedProcess {
  const found = processes.find(({ id }) => id === wanted);
  if (!found) throw new ClusterError("invalid-option", `there is no process ${wanted}`);
  return found;
}

function checkOptions(options: ClusterOptions): void {
  const { dataDirectory, nodes, shards = 1, services = 1, dispatchers = 0, port = 0 } = options;
  if (dataDirectory === "") throw new ClusterError("invalid-option", "dataDirectory is empty");
  if (nodes !== undefined && !NODE_COUNTS.includes(nodes)) {
    const message = `nodes must be one of ${NODE_COUNTS.join(", ")}, not ${nodes}`;
    throw new ClusterError("invalid-option", message);
  }
  checkRange("shards", shards, 1, MAX_SHARDS);
  checkRange("services", services, 1, MAX_SERVICES);
  checkRange("dispatchers", dispatchers, 0, MAX_DISPATCHERS);
  checkRange("port", port, 0, 65_535);
}

function checkRange(name: string, value: number, least: number, most: number): void {
  if (Number.isInteger(value) && value >= least && value <= most) return;
  throw new ClusterError("invalid-option", `${name} must be ${least} to ${most}, not ${value}`);
}

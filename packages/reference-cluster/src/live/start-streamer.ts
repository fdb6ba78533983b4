import { fromJSON } from "@quorate/consistent-hashing";
import { fileCheckpoints, runPipeline } from "@quorate/stream";
import { createTcpTransport } from "@quorate/transport/tcp";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { lockFolder } from "../cluster/folder-lock.ts";
import { connectCoordination } from "../coordination/coordination-store.ts";
import { connectOrders } from "../orders/connect-orders.ts";
import { DELIVERIES, ORDERS } from "../orders/order-keys.ts";
import type { ServiceOptions } from "../service/service-options.ts";
import { placedOrder, sentCourier } from "./live-events.ts";
import { livePipeline } from "./live-pipeline.ts";
import { liveSink } from "./live-sink.ts";
import { storeSource } from "./store-source.ts";

/** What the streaming process is told when it is started. */
export interface StreamerOptions extends ServiceOptions {
  /** For its checkpoints. */
  readonly folder: string;
  /** Told of each failure after which it goes on from its last checkpoint. */
  readonly onRestart: (failure: unknown) => void;
}

/** A streaming process that counts. */
export interface StartedStreamer {
  /** Rejects when it gives up. */
  readonly done: Promise<unknown>;
  stop(): Promise<void>;
}

/** What was counted since the last checkpoint is not shown yet. */
const CHECKPOINT_INTERVAL_MS = 1_000;
/** Windows are shown once a second: no timer needs a finer clock. */
const TICK_MS = 200;

/**
 * Counts the orders of all shards, from its last checkpoint on. What it finds in its folder, and in
 * the store of the counts, may be lost: then it counts all orders again.
 *
 * @throws {ClusterError} `already-running` when another one runs on the folder.
 */
export async function startStreamer(options: StreamerOptions): Promise<StartedStreamer> {
  const { serviceId, clusterId, nodes, ring, folder, onRestart } = options;
  await mkdir(folder, { recursive: true });
  const lock = await lockFolder(folder);
  const transport = createTcpTransport({ nodeId: serviceId, clusterId, peers: nodes });
  const nodeIds = Object.keys(nodes);
  const connected = connectOrders(fromJSON(ring), nodeIds, transport);
  const coordination = connectCoordination(nodeIds, transport);
  await transport.start();
  const checkpoints = fileCheckpoints({ dir: join(folder, "checkpoints") });
  const pipeline = livePipeline({
    orders: storeSource(connected.stores, { prefix: ORDERS, decode: placedOrder }),
    couriers: storeSource(connected.stores, { prefix: DELIVERIES, decode: sentCourier }),
    rows: liveSink(coordination, async () => (await checkpoints.latest()) === undefined),
  });
  const run = runPipeline(pipeline, {
    checkpoints,
    checkpointIntervalMs: CHECKPOINT_INTERVAL_MS,
    tickMs: TICK_MS,
    onRestart,
  });
  return {
    done: run.done,
    stop: async () => {
      await run.cancel();
      await Promise.all([connected.stop(), coordination.stop()]);
      await transport.stop();
      await lock[Symbol.asyncDispose]();
    },
  };
}

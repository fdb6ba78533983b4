/**
 * A food-ordering platform in miniature: how Quorate's packages compose, on real processes. The
 * command `quorate` does the same from a terminal.
 *
 * @example
 * ```ts
 * import { mkdtemp, rm } from "node:fs/promises";
 * import { startCluster } from "@quorate/reference-cluster";
 *
 * const dataDirectory = await mkdtemp("orders-");
 * const cluster = await startCluster({ dataDirectory, port: 0 });
 * const { leader } = await cluster.status();
 * console.log(`${leader} leads; POST orders to ${cluster.url}/orders`);
 * await cluster.stop();
 * await rm(dataDirectory, { recursive: true });
 * ```
 *
 * @packageDocumentation
 */
export { startCluster } from "./cluster/start-cluster.ts";
export type { Cluster, ClusterOptions } from "./cluster/cluster.ts";
export type { ClusterStatus, NodeStatus } from "./cluster/cluster-status.ts";
export { ClusterError, type ClusterErrorCode } from "./cluster-error.ts";
export type { ServiceLatency, ServiceStatus } from "./cluster/service-status.ts";
export type { ShardStatus } from "./cluster/shard-status.ts";
export type {
  DistrictDelay,
  DistrictMinute,
  DistrictTotal,
  LiveReport,
} from "./live/live-report.ts";
export type { LiveProcess, LiveStatus } from "./live/live-status.ts";
export type { Sales } from "./live/sales.ts";
export type { DishCount } from "./live/top-dishes.ts";
export {
  askNodeReport,
  type NodeReport,
  type ShardReport,
  type StateReport,
} from "./node/node-report.ts";
export type { Order, OrderItem, OrderRequest, OrderSummary } from "./orders/order.ts";
export type { OrderPage, Placement, StoredOrder } from "./orders/order-shard.ts";
export type { OrderStore } from "./orders/order-store.ts";
export type { TrafficSample } from "./gateway/traffic.ts";

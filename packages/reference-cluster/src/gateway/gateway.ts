import type { FastifyInstance } from "fastify";
import type { ClusterStatus } from "../cluster/cluster-status.ts";
import type { ConfigClient } from "../config/config-client.ts";
import type { WatchedConfig } from "../config/watched-config.ts";
import { sendProblem } from "../http/problem.ts";
import { createProblemServer } from "../http/problem-server.ts";
import { configRoutes } from "./config-routes.ts";
import type { LockStatus } from "../coordination/cluster-locks.ts";
import { forwardOrders } from "./forward-orders.ts";
import { liveRoutes } from "./live-routes.ts";
import { lockRoutes } from "./lock-routes.ts";
import type { Metrics } from "./metrics.ts";
import type { OrderServices } from "./order-services.ts";
import type { LiveStatus } from "../live/live-status.ts";
import type { MerchantRank } from "../ranking/merchant-rank.ts";
import { rankingRoutes } from "./ranking-routes.ts";
import { statusRoutes } from "./status-routes.ts";
import type { Traffic } from "./traffic.ts";

/** What the gateway stands in front of. */
export interface GatewayDependencies {
  readonly services: OrderServices;
  readonly config: ConfigClient;
  /** The same, as it was a moment ago. */
  readonly features: Pick<WatchedConfig, "isOn">;
  readonly status: () => Promise<ClusterStatus>;
  readonly locks: () => Promise<readonly LockStatus[]>;
  readonly rank: () => Promise<readonly MerchantRank[]>;
  readonly live: (lastMinutes: number) => Promise<LiveStatus | undefined>;
  readonly metrics: Metrics;
  readonly traffic: Traffic;
}

const ORDER_ROUTES = ["/orders", "/orders/:id"];

/** The HTTP side of the cluster; the caller makes it listen. Every failure is a problem document. */
export function createGateway(dependencies: GatewayDependencies): FastifyInstance {
  const { services, config, features, status, locks, rank, live } = dependencies;
  const { metrics, traffic } = dependencies;
  const gateway = createProblemServer();
  gateway.addHook("onResponse", (request, reply, done) => {
    traffic.record(reply.elapsedTime, reply.statusCode);
    metrics.answered(request.method, request.routeOptions.url, reply.statusCode, reply.elapsedTime);
    done();
  });
  gateway.addHook("onRequest", (request, reply, done) => {
    const isWrite = request.method === "POST" || request.method === "PUT";
    const isNewOrder = isWrite && ORDER_ROUTES.includes(request.routeOptions.url ?? "");
    if (!isNewOrder || features.isOn("acceptOrders")) return done();
    sendProblem(reply, 503, "no new orders are taken: features.acceptOrders is false");
  });
  void gateway.register(forwardOrders(services));
  configRoutes(gateway, config);
  statusRoutes(gateway, status, metrics);
  lockRoutes(gateway, locks);
  rankingRoutes(gateway, rank);
  liveRoutes(gateway, live);
  return gateway;
}

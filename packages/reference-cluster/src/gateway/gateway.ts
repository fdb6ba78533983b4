import type { FastifyInstance } from "fastify";
import type { ClusterStatus } from "../cluster/cluster-status.ts";
import { createProblemServer } from "../http/problem-server.ts";
import { forwardOrders } from "./forward-orders.ts";
import type { Metrics } from "./metrics.ts";
import type { OrderServices } from "./order-services.ts";
import { statusRoutes } from "./status-routes.ts";
import type { Traffic } from "./traffic.ts";

/** What the gateway stands in front of. */
export interface GatewayDependencies {
  readonly services: OrderServices;
  readonly status: () => Promise<ClusterStatus>;
  readonly metrics: Metrics;
  readonly traffic: Traffic;
}

/** The HTTP side of the cluster; the caller makes it listen. Every failure is a problem document. */
export function createGateway(dependencies: GatewayDependencies): FastifyInstance {
  const { services, status, metrics, traffic } = dependencies;
  const gateway = createProblemServer();
  gateway.addHook("onResponse", (request, reply, done) => {
    traffic.record(reply.elapsedTime, reply.statusCode);
    metrics.answered(request.method, request.routeOptions.url, reply.statusCode, reply.elapsedTime);
    done();
  });
  void gateway.register(forwardOrders(services));
  statusRoutes(gateway, status, metrics);
  return gateway;
}

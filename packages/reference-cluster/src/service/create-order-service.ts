import type { FastifyInstance } from "fastify";
import type { Deliveries } from "../dispatch/deliveries.ts";
import { createProblemServer } from "../http/problem-server.ts";
import type { OrderStore } from "../orders/order-store.ts";
import { healthRoutes } from "./health-routes.ts";
import { orderRoutes } from "./order-routes.ts";

/** The HTTP side of one order service; the caller makes it listen. It keeps nothing itself. */
export function createOrderService(
  orders: OrderStore,
  deliveries: Pick<Deliveries, "find">,
  isReady: () => boolean,
): FastifyInstance {
  const service = createProblemServer();
  orderRoutes(service, orders, deliveries);
  healthRoutes(service, isReady);
  return service;
}

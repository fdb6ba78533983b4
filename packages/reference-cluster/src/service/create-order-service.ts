import type { FastifyInstance } from "fastify";
import { createProblemServer } from "../http/problem-server.ts";
import type { ConnectedOrders } from "../orders/connect-orders.ts";
import { healthRoutes } from "./health-routes.ts";
import { orderRoutes } from "./order-routes.ts";
import { reviewRoutes } from "./review-routes.ts";

/** The HTTP side of one order service; the caller makes it listen. It keeps nothing itself. */
export function createOrderService(
  { orders, deliveries, reviews }: Pick<ConnectedOrders, "orders" | "deliveries" | "reviews">,
  isReady: () => boolean,
): FastifyInstance {
  const service = createProblemServer();
  orderRoutes(service, orders, deliveries);
  reviewRoutes(service, reviews);
  healthRoutes(service, isReady);
  return service;
}

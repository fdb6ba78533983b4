import type { FastifyInstance, FastifyReply } from "fastify";
import type { Deliveries } from "../dispatch/deliveries.ts";
import { sendProblem } from "../http/problem.ts";
import { sendUnknownPlacement } from "../http/unknown-placement.ts";
import type { OrderRequest } from "../orders/order.ts";
import { ID_SCHEMA, ORDER_REQUEST_SCHEMA } from "../orders/order-schema.ts";
import type { Placement } from "../orders/order-shard.ts";
import type { OrderStore } from "../orders/order-store.ts";
import { ORDER_ID_HEADER } from "./order-id-header.ts";

interface IdParams {
  readonly Params: { readonly id: string };
}
interface Listing extends IdParams {
  readonly Querystring: { readonly limit?: string; readonly before?: string };
}
interface Placing {
  readonly Body: OrderRequest;
  readonly Headers: {
    readonly "idempotency-key"?: string;
    readonly [ORDER_ID_HEADER]?: string;
  };
}
interface Putting extends IdParams {
  readonly Body: OrderRequest;
}

const PARAMS = { type: "object", properties: { id: ID_SCHEMA } };
const LIMIT = { type: "string", pattern: "^([1-9][0-9]{0,2}|1000)$" };
const PAGE = { type: "object", properties: { limit: LIMIT, before: ID_SCHEMA } };
const HEADERS = {
  type: "object",
  properties: { "idempotency-key": ID_SCHEMA, [ORDER_ID_HEADER]: ID_SCHEMA },
};
const DEFAULT_LIMIT = 100;

/** `POST /orders`, `PUT` and `GET /orders/{id}`, `GET` of its delivery and of `/merchants/{id}/orders`. */
export function orderRoutes(
  service: FastifyInstance,
  orders: OrderStore,
  deliveries: Pick<Deliveries, "find">,
): void {
  const placing = { schema: { body: ORDER_REQUEST_SCHEMA, headers: HEADERS } };
  service.post<Placing>("/orders", placing, async ({ body, headers }, reply) => {
    const { "idempotency-key": key, [ORDER_ID_HEADER]: id } = headers;
    return sendPlacement(reply, await orders.place(body, key, id));
  });

  const putting = { schema: { body: ORDER_REQUEST_SCHEMA, params: PARAMS } };
  service.put<Putting>("/orders/:id", putting, async ({ body, params }, reply) =>
    sendPlacement(reply, await orders.put(params.id, body)),
  );

  service.get<IdParams>(
    "/orders/:id",
    { schema: { params: PARAMS } },
    async ({ params }, reply) => {
      const order = await orders.find(params.id);
      return order ?? sendProblem(reply, 404, `there is no order ${params.id}`);
    },
  );

  service.get<IdParams>(
    "/orders/:id/delivery",
    { schema: { params: PARAMS } },
    async ({ params }, reply) => {
      const delivery = await deliveries.find(params.id);
      return delivery ?? sendProblem(reply, 404, `no courier is sent to order ${params.id}`);
    },
  );

  const listing = { schema: { params: PARAMS, querystring: PAGE } };
  service.get<Listing>("/merchants/:id/orders", listing, async ({ params, query }) => {
    const { limit = DEFAULT_LIMIT, before } = query;
    return orders.ofMerchant(params.id, Number(limit), before);
  });
}

function sendPlacement(reply: FastifyReply, placement: Placement): FastifyReply {
  switch (placement.kind) {
    case "placed":
      return reply
        .code(201)
        .header("location", `/orders/${placement.order.id}`)
        .send(placement.order);
    case "repeated":
      return reply.code(200).header("idempotent-replayed", "true").send(placement.order);
    case "key-reused":
      return sendProblem(reply, 422, "this Idempotency-Key belongs to another order");
    case "id-taken":
      return sendProblem(reply, 409, "this id belongs to another order, which cannot be changed");
    case "rejected":
      return sendProblem(
        reply,
        503,
        `the order was not placed and will not be: ${placement.reason}`,
      );
    case "unknown":
      return sendUnknownPlacement(reply, placement.reason, placement.id);
  }
}

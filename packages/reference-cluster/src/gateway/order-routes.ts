import type { FastifyInstance, FastifyReply } from "fastify";
import type { OrderRequest } from "../orders/order.ts";
import { ID_SCHEMA, ORDER_REQUEST_SCHEMA } from "../orders/order-schema.ts";
import type { Placement } from "../orders/order-shard.ts";
import type { OrderStore } from "../orders/order-store.ts";
import { sendProblem } from "./problem.ts";

interface IdParams {
  readonly Params: { readonly id: string };
}
interface Listing extends IdParams {
  readonly Querystring: { readonly limit?: string; readonly before?: string };
}
interface Placing {
  readonly Body: OrderRequest;
  readonly Headers: { readonly "idempotency-key"?: string };
}

const PARAMS = { type: "object", properties: { id: ID_SCHEMA } };
const LIMIT = { type: "string", pattern: "^([1-9][0-9]{0,2}|1000)$" };
const PAGE = { type: "object", properties: { limit: LIMIT, before: ID_SCHEMA } };
const KEY_HEADER = { type: "object", properties: { "idempotency-key": ID_SCHEMA } };
const DEFAULT_LIMIT = 100;

/** `POST /orders`, `GET /orders/{id}`, `GET /merchants/{id}/orders`. */
export function orderRoutes(gateway: FastifyInstance, orders: OrderStore): void {
  const placing = { schema: { body: ORDER_REQUEST_SCHEMA, headers: KEY_HEADER } };
  gateway.post<Placing>("/orders", placing, async ({ body, headers }, reply) =>
    sendPlacement(reply, await orders.place(body, headers["idempotency-key"])),
  );

  gateway.get<IdParams>(
    "/orders/:id",
    { schema: { params: PARAMS } },
    async ({ params }, reply) => {
      const order = await orders.find(params.id);
      return order ?? sendProblem(reply, 404, `there is no order ${params.id}`);
    },
  );

  const listing = { schema: { params: PARAMS, querystring: PAGE } };
  gateway.get<Listing>("/merchants/:id/orders", listing, async ({ params, query }) => {
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
    case "rejected":
      return sendProblem(
        reply,
        503,
        `the order was not placed and will not be: ${placement.reason}`,
      );
    case "unknown": {
      const { id: orderId, reason } = placement;
      const detail =
        `the outcome is unknown (${reason}): the order may be placed, now or a little later, or not. ` +
        `GET /orders/${orderId} shows it once it is. A request with an Idempotency-Key can be ` +
        `repeated with the same key: it is placed at most once.`;
      return sendProblem(reply, 504, detail, { outcome: "unknown", orderId });
    }
  }
}

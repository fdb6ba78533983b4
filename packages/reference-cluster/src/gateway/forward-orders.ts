import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { v7 as timeOrderedUuid } from "uuid";
import { sendProblem } from "../http/problem.ts";
import { sendUnknownPlacement } from "../http/unknown-placement.ts";
import { sendUnknownReview } from "../http/unknown-review.ts";
import { ORDER_ID_HEADER, SERVED_BY_HEADER } from "../service/order-id-header.ts";
import type { OrderServices, ServiceOutcome, ServiceRequest } from "./order-services.ts";

interface Forwarded {
  readonly Params: { readonly id?: string };
  readonly Body: Buffer | undefined;
}

type Answered = ServiceOutcome & { readonly kind: "answered" };
/** Says that a write may have been done. */
type SendUnknown = typeof sendUnknownPlacement;

/** What a client may tell a service, and a service its client. */
const REQUEST_HEADERS = ["content-type", "idempotency-key"];
const ANSWER_HEADERS = ["content-type", "location", "idempotent-replayed", "retry-after"];

/**
 * Sends orders on to the services, bytes as they are. What may be sent twice is retried elsewhere: a
 * read, a PUT, and a POST with an idempotency key; any other POST only if no service got it.
 */
export function forwardOrders(
  services: OrderServices,
): (gateway: FastifyInstance) => Promise<void> {
  return async (gateway) => {
    gateway.removeAllContentTypeParsers();
    // Not parsed here: the service does that.
    gateway.addContentTypeParser("application/json", { parseAs: "buffer" }, (_, body, done) =>
      done(null, body),
    );
    const forwarding =
      (sendUnknown: SendUnknown) =>
      async (request: FastifyRequest<Forwarded>, reply: FastifyReply) => {
        const { orderId, ...forwarded } = serviceRequest(request);
        const outcome = await services.forward(forwarded);
        if (outcome.kind === "answered") return sendAnswer(reply, outcome);
        if (isRead(forwarded.method)) {
          return sendProblem(reply, 503, `no order service answered: ${outcome.reason}`);
        }
        if (outcome.kind === "unknown") return sendUnknown(reply, outcome.reason, orderId);
        return sendProblem(reply, 503, `nothing was written and will not be: ${outcome.reason}`);
      };
    const forward = forwarding(sendUnknownPlacement);
    const forwardReview = forwarding(sendUnknownReview);
    gateway.post<Forwarded>("/orders", forward);
    gateway.put<Forwarded>("/orders/:id", forward);
    gateway.get<Forwarded>("/orders/:id", forward);
    gateway.get<Forwarded>("/orders/:id/delivery", forward);
    gateway.put<Forwarded>("/orders/:id/review", forwardReview);
    gateway.get<Forwarded>("/orders/:id/review", forwardReview);
    gateway.get<Forwarded>("/merchants/:id/orders", forward);
  };
}

/** With the id of the order, where the gateway knows it. */
function serviceRequest(
  request: FastifyRequest<Forwarded>,
): ServiceRequest & { readonly orderId?: string } {
  const method = request.method as ServiceRequest["method"];
  const headers: Record<string, string> = {};
  for (const name of REQUEST_HEADERS) {
    const value = request.headers[name];
    if (typeof value === "string") headers[name] = value;
  }
  const common = { method, path: request.url, headers };
  if (isRead(method)) return { ...common, isIdempotent: true };
  const writing = { ...common, ...(request.body && { body: request.body }) };
  if (method === "PUT") return { ...writing, isIdempotent: true, orderId: request.params.id! };
  if (headers["idempotency-key"] !== undefined) return { ...writing, isIdempotent: true };
  const orderId = timeOrderedUuid();
  headers[ORDER_ID_HEADER] = orderId;
  return { ...writing, isIdempotent: false, orderId };
}

function sendAnswer(reply: FastifyReply, { service, answer }: Answered): FastifyReply {
  const { status, headers, body } = answer;
  for (const name of ANSWER_HEADERS) {
    const value = headers[name];
    if (value !== undefined) void reply.header(name, value);
  }
  return reply.code(status).header(SERVED_BY_HEADER, service).send(body);
}

function isRead(method: ServiceRequest["method"]): boolean {
  return method === "GET" || method === "HEAD";
}

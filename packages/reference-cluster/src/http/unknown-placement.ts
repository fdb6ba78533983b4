import type { FastifyReply } from "fastify";
import { sendProblem } from "./problem.ts";

/** Nobody knows yet whether the order is placed. `orderId`: where to look, if that is known. */
export function sendUnknownPlacement(
  reply: FastifyReply,
  reason: string,
  orderId: string | undefined,
): FastifyReply {
  const look = orderId === undefined ? "" : `GET /orders/${orderId} shows it once it is. `;
  const detail =
    `the outcome is unknown (${reason}): the order may be placed, now or a little later, or not. ` +
    `${look}A PUT, and a POST with an Idempotency-Key, can be repeated as it is: the order is ` +
    `placed at most once.`;
  const where = orderId === undefined ? {} : { orderId };
  return sendProblem(reply, 504, detail, { outcome: "unknown", ...where });
}

import type { FastifyReply } from "fastify";
import { sendProblem } from "./problem.ts";

/** Nobody knows yet whether the review is written. */
export function sendUnknownReview(
  reply: FastifyReply,
  reason: string,
  orderId: string | undefined,
): FastifyReply {
  const detail =
    `the outcome is unknown (${reason}): the review may be written, now or a little later, or not. ` +
    `The same PUT can be repeated.`;
  return sendProblem(reply, 504, detail, { outcome: "unknown", orderId });
}

import type { FastifyInstance } from "fastify";
import { sendProblem } from "../http/problem.ts";
import { sendUnknownReview } from "../http/unknown-review.ts";
import { ID_SCHEMA } from "../orders/order-schema.ts";
import { REVIEW_REQUEST_SCHEMA } from "../reviews/review-schema.ts";
import type { ReviewRequest } from "../reviews/review.ts";
import type { Reviews } from "../reviews/reviews.ts";

interface Reading {
  readonly Params: { readonly id: string };
}
interface Writing extends Reading {
  readonly Body: ReviewRequest;
}

const PARAMS = { type: "object", properties: { id: ID_SCHEMA } };

/** `PUT` and `GET /orders/{id}/review`. */
export function reviewRoutes(service: FastifyInstance, reviews: Reviews): void {
  const writing = { schema: { body: REVIEW_REQUEST_SCHEMA, params: PARAMS } };
  service.put<Writing>("/orders/:id/review", writing, async ({ body, params }, reply) => {
    const reviewed = await reviews.put(params.id, body);
    switch (reviewed.kind) {
      case "reviewed":
        return reply.send(reviewed.review);
      case "no-order":
        return sendProblem(reply, 404, `there is no order ${params.id}`);
      case "rejected":
        return sendProblem(reply, 503, `it was not reviewed and will not be: ${reviewed.reason}`);
      case "unknown":
        return sendUnknownReview(reply, reviewed.reason, params.id);
    }
  });

  service.get<Reading>(
    "/orders/:id/review",
    { schema: { params: PARAMS } },
    async ({ params }, reply) => {
      const review = await reviews.find(params.id);
      return review ?? sendProblem(reply, 404, `order ${params.id} was not reviewed`);
    },
  );
}

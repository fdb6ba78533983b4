import type { FastifyInstance } from "fastify";
import { sendProblem } from "../http/problem.ts";

export const READY_PATH = "/health/ready";

/**
 * `GET /health/live`: the process answers. `GET /health/ready`, and `/health`: it wants requests,
 * else 503. Shards without a leader are no reason: another service would not have them either.
 */
export function healthRoutes(service: FastifyInstance, isReady: () => boolean): void {
  service.get("/health/live", () => ({ status: "live" }));
  for (const path of ["/health", READY_PATH]) {
    service.get(path, (_request, reply) =>
      isReady() ? { status: "ready" } : sendProblem(reply, 503, "it is on its way out"),
    );
  }
}

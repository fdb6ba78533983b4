import type { FastifyInstance } from "fastify";
import type { ClusterStatus } from "../cluster/cluster-status.ts";
import type { Metrics } from "./metrics.ts";
import { sendProblem } from "./problem.ts";

/** `GET /status`, `GET /healthz`, `GET /metrics`. */
export function statusRoutes(
  gateway: FastifyInstance,
  status: () => Promise<ClusterStatus>,
  metrics: Metrics,
): void {
  gateway.get("/status", status);

  gateway.get("/healthz", async (_request, reply) => {
    const { leader } = await status();
    return leader === undefined
      ? sendProblem(reply, 503, "no node leads at the moment")
      : { status: "ok", leader };
  });

  gateway.get("/metrics", async (_request, reply) => {
    void reply.type(metrics.contentType);
    return metrics.exposition();
  });
}

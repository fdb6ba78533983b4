import type { FastifyInstance } from "fastify";
import type { ClusterStatus } from "../cluster/cluster-status.ts";
import type { Metrics } from "./metrics.ts";
import { sendProblem } from "../http/problem.ts";

/** `GET /status`, `GET /healthz`, `GET /metrics`. */
export function statusRoutes(
  gateway: FastifyInstance,
  status: () => Promise<ClusterStatus>,
  metrics: Metrics,
): void {
  gateway.get("/status", status);

  gateway.get("/healthz", async (_request, reply) => {
    const { leader, shards, services } = await status();
    if (services.every(({ state }) => state !== "healthy")) {
      return sendProblem(reply, 503, "no order service is healthy at the moment");
    }
    if (leader !== undefined) return { status: "ok", leader };
    const without = shards.filter((shard) => shard.leader === undefined).map(({ name }) => name);
    return sendProblem(reply, 503, `no node leads ${without.join(", ")} at the moment`);
  });

  gateway.get("/metrics", async (_request, reply) => {
    void reply.type(metrics.contentType);
    return metrics.exposition();
  });
}

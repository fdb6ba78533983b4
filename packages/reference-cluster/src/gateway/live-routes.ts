import type { FastifyInstance } from "fastify";
import { sendProblem } from "../http/problem.ts";
import type { LiveStatus } from "../live/live-status.ts";

/** Counts are kept for a day. */
const MAX_MINUTES = 1_440;

const QUERY = {
  type: "object",
  additionalProperties: false,
  properties: { minutes: { type: "string", pattern: "^[1-9]\\d{0,3}$" } },
};

/** `GET /live?minutes=15`: what was counted, of so many minutes up to the newest; 503 while it cannot be read. */
export function liveRoutes(
  gateway: FastifyInstance,
  live: (lastMinutes: number) => Promise<LiveStatus | undefined>,
): void {
  gateway.get<{ Querystring: { readonly minutes?: string } }>(
    "/live",
    { schema: { querystring: QUERY } },
    async ({ query: { minutes = "15" } }, reply) => {
      const status = await live(Math.min(Number(minutes), MAX_MINUTES));
      return status ?? sendProblem(reply, 503, "no orders are counted: it runs with --no-live");
    },
  );
}

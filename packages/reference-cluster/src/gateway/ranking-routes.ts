import type { FastifyInstance } from "fastify";
import { sendProblem } from "../http/problem.ts";
import type { MerchantRank } from "../ranking/merchant-rank.ts";

/** `POST /rankings`: ranks the merchants by the reviews there are now. Whoever asks meanwhile gets the same. */
export function rankingRoutes(
  gateway: FastifyInstance,
  rank: () => Promise<readonly MerchantRank[]>,
): void {
  let underWay: Promise<readonly MerchantRank[]> | undefined;
  gateway.post("/rankings", async (_request, reply) => {
    underWay ??= rank().finally(() => (underWay = undefined));
    try {
      return { merchants: await underWay };
    } catch (error) {
      return sendProblem(reply, 503, `there is no ranking: ${(error as Error).message}`);
    }
  });
}

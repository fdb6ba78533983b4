import type { FastifyInstance } from "fastify";
import type { LockStatus } from "../coordination/cluster-locks.ts";
import { sendProblem } from "../http/problem.ts";

/** `GET /locks`: 503 while the store of the locks is out of reach. */
export function lockRoutes(
  gateway: FastifyInstance,
  list: () => Promise<readonly LockStatus[]>,
): void {
  gateway.get("/locks", async (_request, reply) => {
    try {
      return { locks: await list() };
    } catch (error) {
      return sendProblem(reply, 503, `the locks cannot be read: ${(error as Error).message}`);
    }
  });
}

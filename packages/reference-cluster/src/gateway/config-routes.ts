import type { FastifyInstance, FastifyReply } from "fastify";
import { ClusterError } from "../cluster-error.ts";
import type { ClusterConfig } from "../config/cluster-config.ts";
import type { ConfigClient } from "../config/config-client.ts";
import { sendProblem } from "../http/problem.ts";

interface Setting {
  readonly Body: { readonly name: string; readonly value: string };
}

const SETTING = {
  type: "object",
  required: ["name", "value"],
  additionalProperties: false,
  properties: { name: { type: "string" }, value: { type: "string" } },
};

/** `GET /config`, and `PATCH /config` with the name and value of one setting. */
export function configRoutes(gateway: FastifyInstance, config: ConfigClient): void {
  gateway.get("/config", (_request, reply) => answer(reply, config.get()));
  gateway.patch<Setting>(
    "/config",
    { schema: { body: SETTING } },
    ({ body: { name, value } }, reply) => answer(reply, config.set(name, value)),
  );
}

async function answer(
  reply: FastifyReply,
  config: Promise<ClusterConfig>,
): Promise<ClusterConfig | FastifyReply> {
  try {
    return await config;
  } catch (error) {
    if (!(error instanceof ClusterError)) throw error;
    return sendProblem(reply, error.code === "invalid-option" ? 400 : 503, error.message);
  }
}

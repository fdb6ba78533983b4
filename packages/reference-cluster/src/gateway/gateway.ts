import { KvError } from "@quorate/kv";
import fastify, { type FastifyError, type FastifyInstance, type FastifyReply } from "fastify";
import type { ClusterStatus } from "../cluster/cluster-status.ts";
import type { OrderStore } from "../orders/order-store.ts";
import { ajv, inWords } from "../orders/order-schema.ts";
import type { Metrics } from "./metrics.ts";
import { orderRoutes } from "./order-routes.ts";
import { sendProblem } from "./problem.ts";
import { statusRoutes } from "./status-routes.ts";
import type { Traffic } from "./traffic.ts";

/** What the gateway stands in front of. */
export interface GatewayDependencies {
  readonly orders: OrderStore;
  readonly status: () => Promise<ClusterStatus>;
  readonly metrics: Metrics;
  readonly traffic: Traffic;
}

/** An order of 50 items takes less than a tenth of this. */
const MAX_BODY_BYTES = 64 * 1_024;

/** The HTTP side of the cluster; the caller makes it listen. Every failure is a problem document. */
export function createGateway(dependencies: GatewayDependencies): FastifyInstance {
  const { orders, status, metrics, traffic } = dependencies;
  const gateway = fastify({ bodyLimit: MAX_BODY_BYTES, routerOptions: { maxParamLength: 256 } });
  gateway.setValidatorCompiler(({ schema }) => ajv.compile(schema));
  gateway.setSchemaErrorFormatter((errors, part) => new Error(inWords(errors as never, part)));
  gateway.setNotFoundHandler((request, reply) =>
    sendProblem(reply, 404, `there is no ${request.method} ${request.url}`),
  );
  gateway.setErrorHandler<FastifyError>((error, _request, reply) => sendFailure(reply, error));
  gateway.addHook("onResponse", (request, reply, done) => {
    traffic.record(reply.elapsedTime, reply.statusCode);
    metrics.answered(request.method, request.routeOptions.url, reply.statusCode, reply.elapsedTime);
    done();
  });
  orderRoutes(gateway, orders);
  statusRoutes(gateway, status, metrics);
  return gateway;
}

function sendFailure(reply: FastifyReply, error: FastifyError): FastifyReply {
  if (error instanceof KvError) {
    const detail = `the cluster cannot answer now: ${error.message}; nothing was changed`;
    return sendProblem(reply, 503, detail);
  }
  const { statusCode = 500 } = error;
  if (statusCode < 500) return sendProblem(reply, statusCode, error.message);
  process.emitWarning(error); // a fault of this program, whose details are none of the caller's
  return sendProblem(reply, 500, "the gateway failed");
}

import { KvError } from "@quorate/kv";
import fastify, { type FastifyError, type FastifyInstance, type FastifyReply } from "fastify";
import { ajv, inWords } from "../orders/order-schema.ts";
import { sendProblem } from "./problem.ts";

/** An order of 50 items takes less than a tenth of this. */
const MAX_BODY_BYTES = 64 * 1_024;

/** An HTTP server whose every failure is a problem document; the caller adds routes and listens. */
export function createProblemServer(): FastifyInstance {
  const server = fastify({ bodyLimit: MAX_BODY_BYTES, routerOptions: { maxParamLength: 256 } });
  server.setValidatorCompiler(({ schema }) => ajv.compile(schema));
  server.setSchemaErrorFormatter((errors, part) => new Error(inWords(errors as never, part)));
  server.setNotFoundHandler((request, reply) =>
    sendProblem(reply, 404, `there is no ${request.method} ${request.url}`),
  );
  server.setErrorHandler<FastifyError>((error, _request, reply) => sendFailure(reply, error));
  return server;
}

function sendFailure(reply: FastifyReply, error: FastifyError): FastifyReply {
  if (error instanceof KvError) {
    const detail = `the cluster cannot answer now: ${error.message}; nothing was changed`;
    return sendProblem(reply, 503, detail);
  }
  const { statusCode = 500 } = error;
  if (statusCode < 500) return sendProblem(reply, statusCode, error.message);
  process.emitWarning(error); // a fault of this program, whose details are none of the caller's
  return sendProblem(reply, 500, "the order platform failed");
}

import { STATUS_CODES } from "node:http";
import type { FastifyReply } from "fastify";

/** What went wrong, for programs. Source: RFC 9457. */
export interface Problem {
  readonly status: number;
  readonly title: string;
  readonly detail: string;
  /** Members of this kind of problem alone. */
  readonly [extension: string]: unknown;
}

/** Seconds after which a cluster without a leader usually has one. */
const RETRY_AFTER_S = 1;

export function sendProblem(
  reply: FastifyReply,
  status: number,
  detail: string,
  extensions: Readonly<Record<string, unknown>> = {},
): FastifyReply {
  const problem: Problem = {
    status,
    title: STATUS_CODES[status] ?? "Error",
    detail,
    ...extensions,
  };
  if (status === 503) void reply.header("retry-after", RETRY_AFTER_S);
  return reply.code(status).type("application/problem+json").send(JSON.stringify(problem));
}

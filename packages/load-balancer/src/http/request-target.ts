import type { IncomingMessage } from "node:http";
import { RefusedRequest } from "./refused-request.ts";

/**
 * The path and query to ask an endpoint for. A target in absolute form (RFC 9112 §3.2.2) loses its
 * authority: where it goes is the balancer's business.
 *
 * @throws {RefusedRequest} 400 for a target that has no path, 405 for TRACE.
 */
export function requestTarget(
  request: IncomingMessage,
  rewritePath: ((path: string) => string) | undefined,
): string {
  // It would show a client the headers that are meant for endpoints.
  if (request.method === "TRACE") throw new RefusedRequest(405, "TRACE");
  const path = originForm(request.url ?? "/");
  if (!rewritePath) return path;
  const rewritten = rewritePath(path);
  if (!rewritten.startsWith("/")) {
    throw new RefusedRequest(500, `rewritePath made ${JSON.stringify(rewritten)} of ${path}`);
  }
  return rewritten;
}

function originForm(url: string): string {
  if (url.startsWith("/")) return url;
  const absolute = /^https?:\/\/[^/?#]*(.*)$/i.exec(url);
  if (!absolute) throw new RefusedRequest(400, "a request target without a path");
  const rest = absolute[1] ?? "";
  return rest.startsWith("/") ? rest : `/${rest}`;
}

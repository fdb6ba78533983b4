import type { IncomingMessage } from "node:http";
import { connectionOptions, HOP_BY_HOP, withoutListed } from "./hop-by-hop.ts";
import { addForwarding, type ClientClaims, isClaim } from "./forwarding.ts";
import type { ProxySettings } from "./options.ts";
import { RefusedRequest } from "./refused-request.ts";

/** What is sent on, and what the proxy has to know of it. */
export interface UpstreamHead {
  /** Names and values in turn. */
  readonly headers: string[];
  readonly hasBody: boolean;
  /** Undefined when the body is chunked, or there is none. */
  readonly bodyBytes: number | undefined;
  readonly expectsContinue: boolean;
  readonly takesTrailers: boolean;
}

/**
 * The headers for the endpoint. Whatever the server's parser let through, a request whose length is
 * ambiguous is refused (RFC 9112 §6.1, §6.3): two servers that disagree on it can be made to see
 * different requests.
 *
 * @throws {RefusedRequest} 400, or 501 for an unknown transfer coding.
 */
export function upstreamHead(request: IncomingMessage, settings: ProxySettings): UpstreamHead {
  const { rawHeaders } = request;
  const headers: string[] = [];
  const claims: ClientClaims = {};
  let listed: readonly string[] = [];
  let contentLength: string | undefined;
  let transferEncoding: string | undefined;
  let host: string | undefined;
  let expectsContinue = false;
  let takesTrailers = false;
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] as string;
    const value = rawHeaders[at + 1] as string;
    const lower = name.toLowerCase();
    switch (lower) {
      case "host":
        if (host !== undefined) throw new RefusedRequest(400, "two Host headers");
        host = value;
        if (settings.hostHeader === "endpoint") continue;
        break;
      case "content-length":
        if (contentLength !== undefined) throw new RefusedRequest(400, "two Content-Lengths");
        contentLength = value;
        break;
      case "transfer-encoding":
        transferEncoding = transferEncoding === undefined ? value : `${transferEncoding}, ${value}`;
        continue;
      case "connection":
        listed = [...listed, ...connectionOptions(value)];
        continue;
      case "expect":
        expectsContinue = value.toLowerCase() === "100-continue";
        continue;
      case "te":
        takesTrailers = /\btrailers\b/i.test(value);
        continue;
      case "trailer": // undici cannot send those of a request
        continue;
      default:
        if (HOP_BY_HOP.has(lower)) continue;
        if (isClaim(lower)) {
          claims[lower] = claims[lower] === undefined ? value : `${claims[lower]}, ${value}`;
          continue;
        }
    }
    headers.push(name, value);
  }
  const bodyBytes = framing(contentLength, transferEncoding);
  const kept = withoutListed(headers, listed);
  for (const name of listed) delete claims[name as keyof ClientClaims];
  addForwarding(kept, request, host, claims, settings.forwarding);
  const hasBody = transferEncoding !== undefined || (bodyBytes ?? 0) > 0;
  return { headers: kept, hasBody, bodyBytes, expectsContinue, takesTrailers };
}

function framing(
  contentLength: string | undefined,
  transferEncoding: string | undefined,
): number | undefined {
  if (transferEncoding !== undefined) {
    if (contentLength !== undefined) {
      throw new RefusedRequest(400, "both Content-Length and Transfer-Encoding");
    }
    if (transferEncoding.trim().toLowerCase() !== "chunked") {
      throw new RefusedRequest(501, "a transfer coding other than chunked");
    }
    return undefined;
  }
  if (contentLength === undefined) return undefined;
  if (!/^\d+$/.test(contentLength)) throw new RefusedRequest(400, "Content-Length is no number");
  return Number(contentLength);
}

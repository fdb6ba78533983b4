import type { IncomingMessage } from "node:http";
import { isIPv6 } from "node:net";
import type { TLSSocket } from "node:tls";
import type { ForwardingOptions } from "./options.ts";

const CLAIMS = [
  "forwarded",
  "via",
  "x-forwarded-for",
  "x-forwarded-host",
  "x-forwarded-port",
  "x-forwarded-proto",
  "x-real-ip",
] as const;

type Claim = (typeof CLAIMS)[number];

/** What the peer says of those before it, by header name. */
export type ClientClaims = { [Name in Claim]?: string };

const CLAIM_NAMES: ReadonlySet<string> = new Set(CLAIMS);

export function isClaim(lowerCaseName: string): lowerCaseName is Claim {
  return CLAIM_NAMES.has(lowerCaseName);
}

/**
 * Adds Via, X-Forwarded-* and Forwarded to names and values in turn. Claims of a peer that is not
 * trusted are dropped, except Via, which only tells of loops.
 */
export function addForwarding(
  headers: string[],
  request: IncomingMessage,
  host: string | undefined,
  claims: ClientClaims,
  options: Required<ForwardingOptions>,
): void {
  const via = `${request.httpVersion} ${options.via}`;
  headers.push("via", claims.via === undefined ? via : `${claims.via}, ${via}`);
  if (!options.xForwarded && !options.forwarded) return;
  const address = request.socket.remoteAddress ?? "unknown";
  const { trust } = options;
  const trusted = typeof trust === "function" ? trust(address) : trust;
  const believed = trusted ? claims : {};
  const protocol = (request.socket as Partial<TLSSocket>).encrypted ? "https" : "http";
  if (options.xForwarded) {
    const chain = believed["x-forwarded-for"];
    headers.push("x-forwarded-for", chain === undefined ? address : `${chain}, ${address}`);
    headers.push("x-forwarded-proto", believed["x-forwarded-proto"] ?? protocol);
    const forwardedHost = believed["x-forwarded-host"] ?? host;
    if (forwardedHost !== undefined) headers.push("x-forwarded-host", forwardedHost);
    for (const name of ["x-forwarded-port", "x-real-ip"] as const) {
      const value = believed[name];
      if (value !== undefined) headers.push(name, value);
    }
  }
  if (options.forwarded) {
    const element = forwardedElement(address, protocol, host);
    const chain = believed.forwarded;
    headers.push("forwarded", chain === undefined ? element : `${chain}, ${element}`);
  }
}

/** RFC 7239 §4: an IPv6 address is bracketed and quoted; a host is quoted for its colon. */
function forwardedElement(address: string, protocol: string, host: string | undefined): string {
  const node = isIPv6(address) ? `"[${address}]"` : address;
  const suffix = host === undefined ? "" : `;host="${host.replaceAll(/["\\]/g, "\\$&")}"`;
  return `for=${node};proto=${protocol}${suffix}`;
}

/**
 * What concerns one connection only and is never forwarded (RFC 9110 §7.6.1), lower case. Besides
 * these, whatever a message's own Connection header lists.
 */
export const HOP_BY_HOP: ReadonlySet<string> = new Set([
  "connection",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authorization",
  "proxy-connection",
  "te",
  "transfer-encoding",
  "upgrade",
]);

/**
 * What a Connection header cannot take out of a message: a client that lists these would change what
 * the message means behind the proxy, and with it whom a server trusts.
 */
const NEVER_LISTED: ReadonlySet<string> = new Set([
  "authorization",
  "cache-control",
  "content-length",
  "content-type",
  "cookie",
  "host",
]);

/** The names that a Connection header lists, lower case, of those that it may. */
export function connectionOptions(value: string): readonly string[] {
  const lower = value.toLowerCase();
  if (lower === "keep-alive" || lower === "close") return [];
  return lower
    .split(",")
    .map((name) => name.trim())
    .filter((name) => name !== "" && !NEVER_LISTED.has(name));
}

/** Removes the names in `listed` from names and values in turn; the same array when none is. */
export function withoutListed(headers: string[], listed: readonly string[]): string[] {
  if (listed.length === 0) return headers;
  return headers.filter((_, at) => !listed.includes(headers[at - (at % 2)]?.toLowerCase() ?? ""));
}

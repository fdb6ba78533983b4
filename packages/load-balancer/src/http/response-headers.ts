import type { RawHeaders } from "../undici/raw-handler.ts";
import { connectionOptions, HOP_BY_HOP, withoutListed } from "./hop-by-hop.ts";

/** What a trailer must not carry (RFC 9110 §6.5.1): it would change how the message is read. */
const NOT_IN_TRAILERS: ReadonlySet<string> = new Set([
  ...HOP_BY_HOP,
  "authorization",
  "content-encoding",
  "content-length",
  "content-range",
  "content-type",
  "host",
  "set-cookie",
  "trailer",
]);

/** An endpoint's headers for the client: names and values in turn, as `writeHead` takes them. */
export function responseHeaders(raw: RawHeaders, keepsTrailer: boolean): string[] {
  const headers: string[] = [];
  let listed: readonly string[] = [];
  forEachHeader(raw, (name, lower, value) => {
    if (lower === "connection") listed = [...listed, ...connectionOptions(value)];
    else if (HOP_BY_HOP.has(lower) || (lower === "trailer" && !keepsTrailer)) return;
    else headers.push(name, value);
  });
  return withoutListed(headers, listed);
}

/** An endpoint's trailers for the client: pairs, as `addTrailers` takes them. */
export function responseTrailers(raw: RawHeaders): [string, string][] {
  const trailers: [string, string][] = [];
  forEachHeader(raw, (name, lower, value) => {
    if (!NOT_IN_TRAILERS.has(lower)) trailers.push([name, value]);
  });
  return trailers;
}

export function headerValue(raw: RawHeaders, wanted: string): string | undefined {
  let found: string | undefined;
  forEachHeader(raw, (_, lower, value) => {
    if (lower === wanted) found = value;
  });
  return found;
}

function forEachHeader(
  raw: RawHeaders,
  visit: (name: string, lower: string, value: string) => void,
): void {
  for (let at = 0; at + 1 < raw.length; at += 2) {
    const name = text(raw[at] as Buffer);
    const lower = name.toLowerCase();
    const value = raw[at + 1] as Buffer | string | readonly Buffer[];
    if (typeof value === "string" || Buffer.isBuffer(value)) visit(name, lower, text(value));
    else for (const one of value) visit(name, lower, text(one));
  }
}

function text(value: Buffer | string): string {
  return typeof value === "string" ? value : value.toString("latin1");
}

import { isIPv6 } from "node:net";
import type { Endpoint } from "./endpoint.ts";

/** By endpoint: finding out whether a host is an IPv6 address costs more than a pick. */
const origins = new WeakMap<Endpoint, string>();

/** Where an endpoint is reached: its `url`, else `http` to its host and port. */
export function endpointOrigin(endpoint: Endpoint): string {
  const known = origins.get(endpoint);
  if (known !== undefined) return known;
  const { host, port } = endpoint;
  const origin = endpoint.url ?? `http://${isIPv6(host) ? `[${host}]` : host}:${port}`;
  origins.set(endpoint, origin);
  return origin;
}

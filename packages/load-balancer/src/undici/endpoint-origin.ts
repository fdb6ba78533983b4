import { isIPv6 } from "node:net";
import type { Endpoint } from "../endpoint.ts";

/** Where an endpoint is reached: its `url`, else `http` to its host and port. */
export function endpointOrigin({ url, host, port }: Endpoint): string {
  return url ?? `http://${isIPv6(host) ? `[${host}]` : host}:${port}`;
}

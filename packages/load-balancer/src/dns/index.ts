/**
 * Endpoints from DNS: A, AAAA or SRV records, polled.
 *
 * @example
 * ```ts
 * import { resolveEndpoints } from "@quorate/load-balancer/dns";
 *
 * const resolver = {
 *   resolve4: async () => ["10.0.0.1", "10.0.0.2"], // leave it out to ask the system's DNS
 *   resolve6: async () => [],
 *   resolveSrv: async () => [],
 * };
 * for await (const endpoints of resolveEndpoints({ name: "orders", port: 80 }, { resolver })) {
 *   console.log(endpoints.map(({ url }) => url));
 *   break;
 * }
 * ```
 *
 * @packageDocumentation
 */
export { resolveEndpoints, type ResolveEndpointsDependencies } from "./resolve-endpoints.ts";
export type { ResolveEndpointsOptions } from "./options.ts";
export type { DnsResolver, SrvRecord } from "./dns-resolver.ts";

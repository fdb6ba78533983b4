/**
 * Services register with a lease and are found by a watch.
 *
 * @example
 * ```ts
 * import { startLocalKv } from "@quorate/kv/local"; // in production: a client of your cluster
 * import { createRegistry } from "@quorate/registry";
 *
 * await using store = await startLocalKv();
 * const registry = createRegistry(await store.client());
 * await using _ = await registry.register({
 *   service: "orders",
 *   id: "orders-1",
 *   host: "127.0.0.1",
 *   port: 8080,
 * });
 * for await (const { instances } of registry.watch("orders")) {
 *   console.log(instances.map(({ id, health }) => `${id} is ${health}`)); // [ "orders-1 is passing" ]
 *   break;
 * }
 * ```
 *
 * @packageDocumentation
 */
export {
  createRegistry,
  type Registry,
  type RegistryDependencies,
  type RegistryOptions,
} from "./registry.ts";
export type { RegistryStore } from "./registry-store.ts";
export type { CheckReport, Health, Instance, ServiceInstance } from "./instance.ts";
export type { Check } from "./registration/check.ts";
export type { Thresholds } from "./core/check-results.ts";
export type { RegisterOptions } from "./registration/options.ts";
export type {
  InstanceChanges,
  Registration,
  RegistrationListener,
  RegistrationState,
} from "./registration/registration.ts";
export type { DiscoveredInstance, ProtectionOptions } from "./core/service-view.ts";
export type { EndpointsOptions, WatchServiceOptions } from "./discovery/options.ts";
export type { ServiceEndpoint } from "./discovery/service-endpoints.ts";
export type { ServiceSnapshot } from "./discovery/snapshot.ts";
export { RegistryError, type RegistryErrorCode } from "./registry-error.ts";

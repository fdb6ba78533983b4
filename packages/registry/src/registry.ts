import { KvError } from "@quorate/kv";
import { type Clock, type Random, systemClock, systemRandom } from "@quorate/runtime";
import { type EndpointsOptions, validated as validatedWatch } from "./discovery/options.ts";
import type { WatchServiceOptions } from "./discovery/options.ts";
import { readInstances } from "./discovery/read-instances.ts";
import { type ServiceEndpoint, ServiceEndpoints } from "./discovery/service-endpoints.ts";
import { ServiceWatch } from "./discovery/service-watch.ts";
import type { ServiceSnapshot } from "./discovery/snapshot.ts";
import { type Instance, requireService, type ServiceInstance } from "./instance.ts";
import { KeptRegistration } from "./registration/kept-registration.ts";
import { type RegisterOptions, validated } from "./registration/options.ts";
import type { Registration } from "./registration/registration.ts";
import { RegistryError, requireThat } from "./registry-error.ts";
import type { RegistryStore } from "./registry-store.ts";

export interface RegistryOptions {
  /**
   * What all its keys begin with; registries of different prefixes know nothing of each other. Ends with a
   * slash.
   *
   * @default "registry/"
   */
  readonly prefix?: string;
}

export interface RegistryDependencies {
  /** @default systemClock */
  readonly clock?: Clock;
  /** Draws pauses before another try, and between checks. @default systemRandom */
  readonly random?: Random;
}

/** Where services say that they are there, and are found. */
export interface Registry {
  /**
   * Registers an instance, and keeps it registered. Resolves once it is in the store, which may take as
   * long as the store cannot be reached: give it a signal. Its checks run once before. One of the same id
   * that is there already is taken over: it learns of that at its next write.
   *
   * @throws {RegistryError} `invalid-option`.
   * @throws {KvError} `stopped`.
   * @throws the signal's reason when it aborts first; then it is not registered.
   */
  register(instance: ServiceInstance, options?: RegisterOptions): Promise<Registration>;
  /**
   * The instances of a service, in the order of their ids: a linearizable read.
   *
   * @throws {RegistryError} `invalid-option`, `unavailable`, `stopped`.
   * @throws the signal's reason when it aborts.
   */
  instances(
    service: string,
    options?: { readonly signal?: AbortSignal },
  ): Promise<readonly Instance[]>;
  /** The names of the services that have an instance. @throws as `instances`. */
  services(options?: { readonly signal?: AbortSignal }): Promise<readonly string[]>;
  /**
   * A service's instances: what is there, and then a snapshot for each change, without a gap. A slow
   * reader gets the newest one. It goes on through failures of the store, marked as stale.
   *
   * @throws {RegistryError} `invalid-option`; `stopped` by the iteration.
   */
  watch(service: string, options?: WatchServiceOptions): AsyncIterableIterator<ServiceSnapshot>;
  /**
   * The same as endpoints, for `createLoadBalancer({ endpoints })`.
   *
   * @throws as `watch`.
   */
  endpoints(
    service: string,
    options?: EndpointsOptions,
  ): AsyncIterableIterator<readonly ServiceEndpoint[]>;
}

/**
 * A registry in a store. It holds nothing itself: registrations and watches end by themselves.
 *
 * @throws {RegistryError} `invalid-option`.
 */
export function createRegistry(
  store: RegistryStore,
  { prefix = "registry/" }: RegistryOptions = {},
  { clock = systemClock, random = systemRandom }: RegistryDependencies = {},
): Registry {
  requireThat(prefix.endsWith("/"), `prefix must end with a slash, not ${JSON.stringify(prefix)}`);
  const watch = (service: string, options: WatchServiceOptions = {}): ServiceWatch => {
    requireService(service);
    return new ServiceWatch({ store, prefix, service, clock, random }, validatedWatch(options));
  };
  return {
    register: async (instance, options = {}) => {
      const dependencies = { clock, random };
      const all = validated(options);
      const kept = new KeptRegistration(instance, all, store, prefix, dependencies);
      await kept.start(options.signal);
      return kept;
    },
    instances: async (service, { signal } = {}) => {
      requireService(service);
      const begin = `${prefix}${service}/`;
      return (await inOurTerms(readInstances(store, prefix, begin, signal))).instances;
    },
    services: async ({ signal } = {}) => {
      const { instances } = await inOurTerms(readInstances(store, prefix, prefix, signal));
      return [...new Set(instances.map(({ service }) => service))];
    },
    watch,
    endpoints: (service, { health = "warning", ...options } = {}) =>
      new ServiceEndpoints(watch(service, options), health),
  };
}

async function inOurTerms<T>(read: Promise<T>): Promise<T> {
  try {
    return await read;
  } catch (cause) {
    if (!(cause instanceof KvError)) throw cause;
    const code = cause.code === "stopped" ? "stopped" : "unavailable";
    throw new RegistryError(code, `the store cannot be read: ${cause.message}`, { cause });
  }
}

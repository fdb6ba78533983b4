/**
 * Locks kept by an etcd cluster (3.4 or later), over npm `etcd3`. Keys are laid out as `etcdctl lock` and
 * Go's concurrency package do: they and these wait for each other.
 *
 * @packageDocumentation
 */
import type { CoordinationStore } from "../store/coordination-store.ts";
import {
  type EtcdClient,
  EtcdStore,
  type EtcdStoreDependencies,
  type EtcdStoreOptions,
} from "./etcd-store.ts";

export type { EtcdClient, EtcdStoreDependencies, EtcdStoreOptions } from "./etcd-store.ts";
export { StoreError, type StoreErrorCode } from "../store/store-error.ts";

/**
 * A store on an etcd cluster. The client is closed by its owner, after the store.
 *
 * `guarantees`: all of them. A token is the create revision of the contender's key; sessions are leases,
 * whose time the leader counts by its monotonic clock, in whole seconds, and again in full when the
 * leader changes: so others may get a lock later than its ttl, never sooner.
 */
export function createEtcdStore(
  client: EtcdClient,
  options: EtcdStoreOptions = {},
  dependencies: EtcdStoreDependencies = {},
): CoordinationStore & AsyncDisposable & { close(): Promise<void> } {
  return new EtcdStore(client, options, dependencies);
}

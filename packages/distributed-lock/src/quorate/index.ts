/**
 * Locks kept by a store of `@quorate/kv`: no server beside your own processes.
 *
 * @example
 * ```ts
 * import { createLocks } from "@quorate/distributed-lock";
 * import { createQuorateStore } from "@quorate/distributed-lock/quorate";
 * import { startLocalKv } from "@quorate/kv/local"; // in production: a client of your cluster
 *
 * await using kv = await startLocalKv();
 * await using locks = createLocks(createQuorateStore(await kv.client()));
 * await locks.mutex("orders/7").run(({ token }) => console.log(`held under token ${token}`));
 * ```
 *
 * @packageDocumentation
 */
import type { CoordinationStore } from "../store/coordination-store.ts";
import {
  type QuorateClient,
  QuorateStore,
  type QuorateStoreDependencies,
  type QuorateStoreOptions,
} from "./quorate-store.ts";

export type {
  QuorateClient,
  QuorateStoreDependencies,
  QuorateStoreOptions,
} from "./quorate-store.ts";
export { StoreError, type StoreErrorCode } from "../store/store-error.ts";

/**
 * A store on a cluster of `@quorate/kv`. The client is stopped by its owner, after the store.
 *
 * `guarantees`: all of them. A token is the create revision of the contender's key, which no failover
 * takes back; sessions are leases, counted by the leader's monotonic clock in whole seconds, again in full
 * when the leader changes: so others may get a lock later than its ttl, never sooner.
 */
export function createQuorateStore(
  client: QuorateClient,
  options: QuorateStoreOptions = {},
  dependencies: QuorateStoreDependencies = {},
): CoordinationStore & AsyncDisposable & { close(): Promise<void> } {
  return new QuorateStore(client, options, dependencies);
}

/**
 * Locks kept by a Redis server (7 or later, also one shard of a cluster), over npm `redis`. For
 * efficiency, not for safety: what Redis acknowledged, a failover may lose.
 *
 * @packageDocumentation
 */
import type { CoordinationStore } from "../store/coordination-store.ts";
import type { RedisClient } from "./redis-client.ts";
import { RedisStore, type RedisStoreDependencies, type RedisStoreOptions } from "./redis-store.ts";

export type { RedisClient, RedisScriptArguments, RedisSubscriber } from "./redis-client.ts";
export type { RedisStoreDependencies, RedisStoreOptions } from "./redis-store.ts";
export { StoreError, type StoreErrorCode } from "../store/store-error.ts";

/**
 * A store on a Redis server. Beside the client it has one connection that listens.
 *
 * `guarantees`: contenders are served in order (`fifo`). Not `quorum`: replication is asynchronous, so
 * a failover may forget a lock that is held, and two hold it. Not `fencing`: it may forget tokens,
 * too; the next is the server's time in microseconds, above those lost unless that clock was set back.
 * `clockDependent`: sessions end by the server's wall clock.
 */
export function createRedisStore(
  client: RedisClient,
  options: RedisStoreOptions = {},
  dependencies: RedisStoreDependencies = {},
): CoordinationStore & AsyncDisposable & { close(): Promise<void> } {
  return new RedisStore(client, options, dependencies);
}

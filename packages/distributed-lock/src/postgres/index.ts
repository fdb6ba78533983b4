/**
 * Locks kept by a PostgreSQL database (13 or later), over npm `pg`: for those who have one already.
 *
 * @packageDocumentation
 */
import type { CoordinationStore } from "../store/coordination-store.ts";
import type { PostgresPool } from "./postgres-pool.ts";
import {
  PostgresStore,
  type PostgresStoreDependencies,
  type PostgresStoreOptions,
} from "./postgres-store.ts";

export type {
  PostgresClient,
  PostgresNotification,
  PostgresPool,
  PostgresResult,
} from "./postgres-pool.ts";
export {
  postgresSchema,
  type PostgresStoreDependencies,
  type PostgresStoreOptions,
} from "./postgres-store.ts";
export { StoreError, type StoreErrorCode } from "../store/store-error.ts";

/**
 * A store in a PostgreSQL database. Keeps one connection of the pool, which listens, from the first
 * call to `close`; the pool must have at least two. Connections must reach the primary, and not through
 * a pooler that gives each transaction another one (PgBouncer's `transaction` and `statement` modes):
 * calls reject with `unsupported` when that is seen.
 *
 * `guarantees`: contenders are served in order (`fifo`). `clockDependent`: sessions end by the server's
 * wall clock. `fencing` and `quorum` as the option `failover` says.
 */
export function createPostgresStore(
  pool: PostgresPool,
  options: PostgresStoreOptions = {},
  dependencies: PostgresStoreDependencies = {},
): CoordinationStore & AsyncDisposable & { close(): Promise<void> } {
  return new PostgresStore(pool, options, dependencies);
}

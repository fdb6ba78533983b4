/**
 * Locks kept by a ZooKeeper ensemble (3.5 or later), over npm `node-zookeeper-client`.
 *
 * @packageDocumentation
 */
import type { CoordinationStore } from "../store/coordination-store.ts";
import type { ConnectZooKeeper } from "./zookeeper-client.ts";
import {
  ZooKeeperStore,
  type ZooKeeperStoreDependencies,
  type ZooKeeperStoreOptions,
} from "./zookeeper-store.ts";

export type {
  ConnectZooKeeper,
  ZooKeeperClient,
  ZooKeeperStat,
  ZooKeeperTransaction,
} from "./zookeeper-client.ts";
export type { ZooKeeperStoreDependencies, ZooKeeperStoreOptions } from "./zookeeper-store.ts";
export { StoreError, type StoreErrorCode } from "../store/store-error.ts";

/**
 * A store on a ZooKeeper ensemble. `connect` makes a client for each session, and one that reads and
 * watches; the store connects and closes them. With `retries: 0`, its default: the locks decide what
 * is tried again.
 *
 * `guarantees`: all of them. A token is the id of the transaction that created the contender's node.
 *
 * Sessions cannot be renewed, joined in or closed by another store than the one that opened them, since
 * each is a ZooKeeper session of this process; they end, too, when the process has not renewed them in
 * time. One empty node for each name of a lock stays.
 */
export function createZooKeeperStore(
  connect: ConnectZooKeeper,
  options: ZooKeeperStoreOptions = {},
  dependencies: ZooKeeperStoreDependencies = {},
): CoordinationStore & AsyncDisposable & { close(): Promise<void> } {
  return new ZooKeeperStore(connect, options, dependencies);
}

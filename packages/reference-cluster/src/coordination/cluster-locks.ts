import { createLocks, type Locks } from "@quorate/distributed-lock";
import { createQuorateStore } from "@quorate/distributed-lock/quorate";
import type { KvClient } from "@quorate/kv";

/** Whoever holds it sends the couriers. */
export const DISPATCH = "dispatch";

/** One that died is missed after so long. */
const TTL_MS = 3_000;

/** A lock of the cluster, at this moment. */
export interface LockStatus {
  readonly name: string;
  readonly holders: readonly LockHolder[];
  readonly waiting: number;
}

export interface LockHolder {
  /** What it says of itself. */
  readonly holder: string;
  /** The fencing token, in decimal. */
  readonly token: string;
}

export interface ConnectedLocks {
  readonly locks: Locks;
  /** All that are held, by name. @throws {LockError} {StoreError} when the store is out of reach. */
  readonly list: () => Promise<readonly LockStatus[]>;
}

/** The locks of the cluster; whoever brings the client stops it after them. */
export function connectLocks(coordination: KvClient): ConnectedLocks {
  const store = createQuorateStore(coordination);
  const locks = createLocks(store, { ttlMs: TTL_MS });
  return {
    locks,
    list: async () => {
      const names = await store.queues();
      return Promise.all(names.map((name) => statusOf(locks, name)));
    },
  };
}

async function statusOf(locks: Locks, name: string): Promise<LockStatus> {
  const contenders = await locks.mutex(name).list();
  const holders = contenders.filter(({ holds }) => holds);
  return {
    name,
    holders: holders.map(({ metadata, token }) => ({ holder: metadata, token: String(token) })),
    waiting: contenders.length - holders.length,
  };
}

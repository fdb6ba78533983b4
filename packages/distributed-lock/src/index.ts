/**
 * Distributed locks with fencing tokens, over any store that has sessions and ordered queues.
 *
 * @example
 * ```ts
 * import { createLocks } from "@quorate/distributed-lock";
 * import { createMemoryStore } from "@quorate/distributed-lock/memory";
 *
 * await using locks = createLocks(createMemoryStore());
 * {
 *   await using held = await locks.mutex("orders/7").acquire({ waitMs: 1_000 });
 *   console.log(`held under token ${held.token}: hand it to the resource`);
 * }
 * ```
 *
 * @packageDocumentation
 */
export { createLocks, type LocksDependencies } from "./create-locks.ts";
export type { LocksOptions } from "./options.ts";
export type { Locks, ReadWriteLock } from "./locks.ts";
export type { ForceOptions, ListOptions, Lock, LockContender } from "./recipes/lock.ts";
export type { Election } from "./recipes/election.ts";
export type { Barrier } from "./recipes/barrier.ts";
export type { AcquireOptions, WaitOptions } from "./acquire/acquire-options.ts";
export type { HeldLock } from "./acquire/held-lock.ts";
export type { LockSession, SessionEvent } from "./session/lock-session.ts";
export { FencedResource, type FenceState, type Pass } from "./fenced-resource.ts";
export {
  Aborted,
  AcquireTimeout,
  LockError,
  type LockErrorCode,
  LockLost,
  type LossCause,
} from "./lock-error.ts";
export type {
  Blockers,
  Contender,
  CoordinationStore,
  JoinRequest,
  Place,
  Renewal,
  Role,
  Standing,
  StoreCall,
  StoreSession,
} from "./store/coordination-store.ts";
export type { Guarantees } from "./store/guarantees.ts";

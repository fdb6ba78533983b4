/**
 * A coordination store in memory: for tests of programs that lock, and for locks among the parts of
 * one process.
 *
 * @example
 * ```ts
 * import { createLocks } from "@quorate/distributed-lock";
 * import { createMemoryStore } from "@quorate/distributed-lock/memory";
 *
 * await using locks = createLocks(createMemoryStore());
 * await locks.mutex("orders/7").run(({ token }) => console.log(`held under token ${token}`));
 * ```
 *
 * @packageDocumentation
 */
import type { CoordinationStore } from "../store/coordination-store.ts";
import { MemoryStore, type MemoryStoreDependencies } from "./memory-store.ts";

export type { MemoryStoreDependencies } from "./memory-store.ts";

/** A store that lives as long as whoever keeps it. */
export function createMemoryStore(dependencies: MemoryStoreDependencies = {}): CoordinationStore {
  return new MemoryStore(dependencies);
}

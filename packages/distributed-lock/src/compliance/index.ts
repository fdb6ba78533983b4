/**
 * The suite that every implementation of `CoordinationStore` passes, for vitest.
 *
 * @example
 * ```ts
 * // my-store.test.ts, run by vitest
 * import { coordinationStoreCompliance } from "@quorate/distributed-lock/compliance";
 * import { startMyServer } from "./my-server.ts";
 *
 * coordinationStoreCompliance("my store", async () => {
 *   const server = await startMyServer();
 *   return {
 *     minTtlMs: 1_000,
 *     connect: () => server.connect(),
 *     stop: () => server.stop(),
 *   };
 * });
 * ```
 *
 * @packageDocumentation
 */
import { describe } from "vitest";
import { queueCases } from "./queue-cases.ts";
import { sessionCases } from "./session-cases.ts";
import type { StoreFactory } from "./store-under-test.ts";
import { waitingCases } from "./waiting-cases.ts";

export type { StoreFactory, StoreUnderTest } from "./store-under-test.ts";

/** Declares the suite; `factory` is called for each case. */
export function coordinationStoreCompliance(name: string, factory: StoreFactory): void {
  describe(`${name} complies with CoordinationStore`, () => {
    sessionCases(factory);
    queueCases(factory);
    waitingCases(factory);
  });
}

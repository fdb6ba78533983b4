/**
 * The suite that every implementation of `Transport` passes, for vitest.
 *
 * @example
 * ```ts
 * // my-transport.test.ts, run by vitest
 * import { transportCompliance } from "@quorate/transport/compliance";
 * import { createMyNetwork } from "./my-network.ts";
 *
 * transportCompliance("my network", (limits) => {
 *   const network = createMyNetwork(limits);
 *   return {
 *     create: (nodeId) => network.transport(nodeId),
 *     add: (transport) => transport.start(),
 *     disconnect: (a, b) => network.disconnect(a, b),
 *   };
 * });
 * ```
 *
 * @packageDocumentation
 */
import { describe } from "vitest";
import { lifecycleCases } from "./lifecycle-cases.ts";
import { messageCases } from "./message-cases.ts";
import { requestCases } from "./request-cases.ts";
import { streamCases } from "./stream-cases.ts";
import type { TransportClusterFactory } from "./transport-cluster.ts";

export {
  COMPLIANCE_LIMITS,
  type TransportCluster,
  type TransportClusterFactory,
} from "./transport-cluster.ts";

/** Declares the suite; `factory` makes a cluster for each case. */
export function transportCompliance(name: string, factory: TransportClusterFactory): void {
  describe(`${name} complies with Transport`, () => {
    messageCases(factory);
    requestCases(factory);
    streamCases(factory);
    lifecycleCases(factory);
  });
}

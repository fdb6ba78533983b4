/**
 * The suite that every implementation of `ReplicatedLog` passes, for vitest.
 *
 * @example
 * ```ts
 * // my-log.test.ts, run by vitest
 * import { replicatedLogCompliance } from "@quorate/replication/compliance";
 * import { startMyCluster } from "./my-cluster.ts";
 *
 * replicatedLogCompliance("my log", (options) => startMyCluster(options));
 * ```
 *
 * @packageDocumentation
 */
import { describe } from "vitest";
import { failureCases } from "./failure-cases.ts";
import type { LogClusterFactory } from "./log-cluster.ts";
import { proposalCases } from "./proposal-cases.ts";
import { readCases } from "./read-cases.ts";
import { sessionCases } from "./session-cases.ts";

export { Ledger } from "./ledger.ts";
export type { LogCluster, LogClusterFactory, LogClusterOptions, LogMember } from "./log-cluster.ts";

/** Declares the suite; `factory` starts a cluster for each case. */
export function replicatedLogCompliance(name: string, factory: LogClusterFactory): void {
  describe(`${name} complies with ReplicatedLog`, () => {
    proposalCases(factory);
    readCases(factory);
    sessionCases(factory);
    failureCases(factory);
  });
}

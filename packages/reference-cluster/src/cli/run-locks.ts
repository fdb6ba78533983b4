import type { LockStatus } from "../coordination/cluster-locks.ts";
import { lockTable } from "../view/lock-table.ts";
import { callGateway } from "./gateway-call.ts";

/** What `quorate locks` was asked to do. */
export interface LocksOptions {
  readonly port: number;
  readonly json?: true;
}

/** @throws {ClusterError} `not-running`. */
export async function runLocks({ port, json }: LocksOptions): Promise<void> {
  const answer = await callGateway<{ readonly locks: readonly LockStatus[] }>(
    port,
    "/locks",
    "locks",
  );
  process.stdout.write(`${json ? JSON.stringify(answer) : lockTable(answer.locks)}\n`);
}

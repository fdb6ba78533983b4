import type { ClusterStatus } from "../cluster/cluster-status.ts";
import { statusTables } from "../view/status-tables.ts";
import { callGateway } from "./gateway-call.ts";

/** What `quorate status` was asked to do. */
export interface StatusOptions {
  readonly port: number;
  readonly json?: true;
}

/** @throws {ClusterError} `not-running`. */
export async function runStatus({ port, json }: StatusOptions): Promise<void> {
  const status = await callGateway<ClusterStatus>(port, "/status", "shards");
  process.stdout.write(`${json ? JSON.stringify(status) : statusTables(status)}\n`);
}

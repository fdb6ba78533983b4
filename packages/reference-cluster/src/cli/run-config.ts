import type { ClusterConfig } from "../config/cluster-config.ts";
import { configTable } from "../view/config-table.ts";
import { callGateway } from "./gateway-call.ts";

/** What `quorate config` was asked to do. */
export interface ConfigOptions {
  readonly port: number;
  readonly json?: true;
}

/** @throws {ClusterError} `not-running`, `not-ready`. */
export async function getConfig({ port, json }: ConfigOptions): Promise<void> {
  show(await callGateway<ClusterConfig>(port, "/config", "revision"), json);
}

/** @throws {ClusterError} `invalid-option`, `not-running`, `not-ready`. */
export async function setConfig(
  name: string,
  value: string,
  { port, json }: ConfigOptions,
): Promise<void> {
  const change = { method: "PATCH", body: { name, value } } as const;
  show(await callGateway<ClusterConfig>(port, "/config", "revision", change), json);
}

function show(config: ClusterConfig, json: true | undefined): void {
  process.stdout.write(`${json ? JSON.stringify(config) : configTable(config)}\n`);
}

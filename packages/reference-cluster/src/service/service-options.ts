import type { LocatorState } from "@quorate/consistent-hashing";
import type { TcpAddress } from "@quorate/transport/tcp";
import { addressArguments, addressesFrom } from "../node/node-addresses.ts";

/** What an order service's process is told when it is started. */
export interface ServiceOptions {
  readonly serviceId: string;
  readonly clusterId: string;
  /** Where each node of the cluster listens. */
  readonly nodes: Readonly<Record<string, TcpAddress>>;
  /** Which shard has which order. */
  readonly ring: LocatorState;
}

/** As arguments of `quorate service`. */
export function toServiceArguments(options: ServiceOptions): string[] {
  const { serviceId, clusterId, nodes, ring } = options;
  const own = ["--id", serviceId, "--cluster", clusterId];
  return [...own, "--peers", ...addressArguments(nodes), "--ring", JSON.stringify(ring)];
}

/** What commander makes of them. */
export interface ServiceArguments {
  readonly id: string;
  readonly cluster: string;
  readonly peers: readonly string[];
  readonly ring: string;
}

export function fromServiceArguments(options: ServiceArguments): ServiceOptions {
  const { id: serviceId, cluster: clusterId, peers, ring } = options;
  const nodes = addressesFrom(peers);
  const state = JSON.parse(ring) as LocatorState;
  return { serviceId, clusterId, nodes, ring: state };
}

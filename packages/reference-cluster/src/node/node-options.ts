import type { TcpAddress } from "@quorate/transport/tcp";
import type { Consensus } from "./consensus.ts";
import { addressArguments, addressesFrom } from "./node-addresses.ts";

/** What a node process is told when it is started. */
export interface NodeOptions {
  readonly nodeId: string;
  readonly clusterId: string;
  /** This node's own folder. */
  readonly directory: string;
  /** Where each node of the cluster listens, this one among them. */
  readonly nodes: Readonly<Record<string, TcpAddress>>;
  /** The names of all shards; the same on all nodes, and as long as the cluster lives. */
  readonly shards: readonly string[];
  readonly consensus: Consensus;
  /** Whether this node has never run before: an empty folder is then not one that lost its data. */
  readonly bootstrap: boolean;
}

/** As arguments of `quorate node`. */
export function toArguments(options: NodeOptions): string[] {
  const { nodeId, clusterId, directory, nodes, shards, consensus, bootstrap } = options;
  const own = ["--id", nodeId, "--cluster", clusterId, "--data", directory];
  own.push("--consensus", consensus);
  if (bootstrap) own.push("--bootstrap");
  return [...own, "--peers", ...addressArguments(nodes), "--shards", ...shards];
}

/** What commander makes of them. */
export interface NodeArguments {
  readonly id: string;
  readonly cluster: string;
  readonly data: string;
  readonly peers: readonly string[];
  readonly shards: readonly string[];
  readonly consensus: Consensus;
  readonly bootstrap?: true;
}

export function fromArguments(options: NodeArguments): NodeOptions {
  const { id: nodeId, cluster: clusterId, data: directory, peers, shards, consensus } = options;
  const { bootstrap = false } = options;
  const nodes = addressesFrom(peers);
  return { nodeId, clusterId, directory, nodes, shards, consensus, bootstrap };
}

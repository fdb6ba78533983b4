import type { TcpAddress } from "@quorate/transport/tcp";

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
}

/** As arguments of `quorate node`. */
export function toArguments(options: NodeOptions): string[] {
  const { nodeId, clusterId, directory, nodes, shards } = options;
  const addresses = Object.entries(nodes).map(([id, { host, port }]) => `${id}=${host}:${port}`);
  const own = ["--id", nodeId, "--cluster", clusterId, "--data", directory];
  return [...own, "--peers", ...addresses, "--shards", ...shards];
}

/** What commander makes of them. */
export interface NodeArguments {
  readonly id: string;
  readonly cluster: string;
  readonly data: string;
  readonly peers: readonly string[];
  readonly shards: readonly string[];
}

export function fromArguments(options: NodeArguments): NodeOptions {
  const { id: nodeId, cluster: clusterId, data: directory, peers, shards } = options;
  const nodes = Object.fromEntries(
    peers.map((peer) => {
      const [, id, host, port] = /^(.+)=(.+):(\d+)$/.exec(peer) ?? [];
      return [id ?? peer, { host: host ?? "", port: Number(port) }];
    }),
  );
  return { nodeId, clusterId, directory, nodes, shards };
}

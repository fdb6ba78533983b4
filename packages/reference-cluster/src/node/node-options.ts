import type { TcpAddress } from "@quorate/transport/tcp";

/** What a node process is told when it is started. */
export interface NodeOptions {
  readonly nodeId: string;
  readonly clusterId: string;
  /** This node's own folder. */
  readonly directory: string;
  /** Where each node of the cluster listens, this one among them. */
  readonly nodes: Readonly<Record<string, TcpAddress>>;
}

/** As arguments of `quorate node`. */
export function toArguments({ nodeId, clusterId, directory, nodes }: NodeOptions): string[] {
  const addresses = Object.entries(nodes).map(([id, { host, port }]) => `${id}=${host}:${port}`);
  return ["--id", nodeId, "--cluster", clusterId, "--data", directory, "--peers", ...addresses];
}

/** What commander makes of them. */
export interface NodeArguments {
  readonly id: string;
  readonly cluster: string;
  readonly data: string;
  readonly peers: readonly string[];
}

export function fromArguments(options: NodeArguments): NodeOptions {
  const { id: nodeId, cluster: clusterId, data: directory, peers } = options;
  const nodes = Object.fromEntries(
    peers.map((peer) => {
      const [, id, host, port] = /^(.+)=(.+):(\d+)$/.exec(peer) ?? [];
      return [id ?? peer, { host: host ?? "", port: Number(port) }];
    }),
  );
  return { nodeId, clusterId, directory, nodes };
}

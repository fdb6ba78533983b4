import type { TcpAddress } from "@quorate/transport/tcp";

type Addresses = Readonly<Record<string, TcpAddress>>;

/** Where nodes listen, as values of `--peers`. */
export function addressArguments(nodes: Addresses): string[] {
  return Object.entries(nodes).map(([id, { host, port }]) => `${id}=${host}:${port}`);
}

export function addressesFrom(peers: readonly string[]): Addresses {
  return Object.fromEntries(
    peers.map((peer) => {
      const [, id, host, port] = /^(.+)=(.+):(\d+)$/.exec(peer) ?? [];
      return [id ?? peer, { host: host ?? "", port: Number(port) }];
    }),
  );
}

import { createKvClient, type KvClient, type KvClientOptions } from "@quorate/kv";
import { createTcpTransport } from "@quorate/transport/tcp";
import type { ChaosCluster } from "./chaos-cluster.ts";
import { STORE } from "./node-process.ts";

/** A client of its own, past the links, for as long as `use` takes. */
export async function withClient<T>(
  { clusterId, addresses }: Pick<ChaosCluster, "clusterId" | "addresses">,
  name: string,
  use: (kv: KvClient) => Promise<T>,
  options: Partial<KvClientOptions> = {},
): Promise<T> {
  const transport = createTcpTransport({ nodeId: name, clusterId, peers: addresses });
  await transport.start();
  const nodes = Object.keys(addresses);
  const kv = createKvClient({ nodes, store: STORE, ...options }, { transport });
  try {
    return await use(kv);
  } finally {
    await kv.stop();
    await transport.stop();
  }
}

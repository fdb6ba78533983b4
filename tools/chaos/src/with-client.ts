import { createKvClient, type KvClient } from "@quorate/kv";
import { createTcpTransport } from "@quorate/transport/tcp";
import type { ChaosCluster } from "./chaos-cluster.ts";
import { STORE } from "./node-process.ts";

/** A client of its own, past the links, for as long as `use` takes. */
export async function withClient<T>(
  { clusterId, addresses }: Pick<ChaosCluster, "clusterId" | "addresses">,
  name: string,
  use: (kv: KvClient) => Promise<T>,
): Promise<T> {
  const transport = createTcpTransport({ nodeId: name, clusterId, peers: addresses });
  await transport.start();
  const kv = createKvClient({ nodes: Object.keys(addresses), store: STORE }, { transport });
  try {
    return await use(kv);
  } finally {
    await kv.stop();
    await transport.stop();
  }
}

import { createKvClient, type KvClient, withPrefix } from "@quorate/kv";
import { customInput, type Input, type Split } from "@quorate/mapreduce";
import { createTcpTransport, type TcpAddress } from "@quorate/transport/tcp";
import { randomUUID } from "node:crypto";
import { addressArguments, addressesFrom } from "../node/node-addresses.ts";
import { REVIEWS } from "../orders/order-keys.ts";
import { scan } from "../orders/scan.ts";

/** The reviews of one shard, as they were at one revision of its store. */
export interface StoredReviews {
  readonly clusterId: string;
  readonly nodes: Readonly<Record<string, TcpAddress>>;
  readonly shard: string;
  readonly revision: number;
}

/** A worker is another process: all that it needs to find the reviews is in the split's name. */
export function splitOf({ clusterId, nodes, shard, revision }: StoredReviews): Split {
  const query = new URLSearchParams({ revision: String(revision) });
  for (const node of addressArguments(nodes)) query.append("node", node);
  return { file: `quorate://${clusterId}/${shard}?${query.toString()}`, start: 0, end: null };
}

/** The reviews there are now. @throws {KvError} `unavailable`. */
export function currentReviews(
  clusterId: string,
  nodes: StoredReviews["nodes"],
  stores: ReadonlyMap<string, KvClient>,
): Promise<StoredReviews[]> {
  return Promise.all(
    [...stores].map(async ([shard, kv]) => {
      const { revision } = await kv.range(withPrefix(REVIEWS), { countOnly: true });
      return { clusterId, nodes, shard, revision };
    }),
  );
}

/** Reviews read from the shards' stores; their splits are made by `splitOf`. */
export function storedReviews(): Input {
  return customInput({
    splits: () => [],
    read: async function* (split) {
      const { clusterId, nodes, shard, revision } = fromSplit(split);
      const transport = createTcpTransport({ nodeId: randomUUID(), clusterId, peers: nodes });
      const kv = createKvClient({ nodes: Object.keys(nodes), store: shard }, { transport });
      await transport.start();
      try {
        for await (const { value } of scan(kv, REVIEWS, revision)) yield value;
      } finally {
        await kv.stop();
        await transport.stop();
      }
    },
  });
}

function fromSplit({ file }: Split): StoredReviews {
  const { host, pathname, searchParams } = new URL(file);
  return {
    clusterId: host,
    nodes: addressesFrom(searchParams.getAll("node")),
    shard: pathname.slice(1),
    revision: Number(searchParams.get("revision")),
  };
}

import { ALL_KEYS, createKvClient, type KeyRange, type KvClient, utf8 } from "@quorate/kv";
import { systemClock } from "@quorate/runtime";
import type { History, KeyValueInput, KeyValueOutput } from "@quorate/simulation/checker";
import { createTcpTransport } from "@quorate/transport/tcp";
import type { ChaosCluster } from "./chaos-cluster.ts";
import { ONCE_PREFIX } from "./chaos-client.ts";

/** How long the healed cluster may take to serve again. */
const RECOVERY_TIMEOUT_MS = 60_000;
const PAGE_KEYS = 1_000;
const CLIENT = "final";

/**
 * Reads all that is there, once the healed cluster answers, and adds a get of each shared key to the
 * history; returns the names of the keys that were written once.
 *
 * @throws {KvError} `unavailable`: it did not serve again within a minute.
 */
export async function readFinalState(
  { clusterId, addresses }: Pick<ChaosCluster, "clusterId" | "addresses">,
  history: History<KeyValueInput, KeyValueOutput>,
): Promise<string[]> {
  const transport = createTcpTransport({ nodeId: CLIENT, clusterId, peers: addresses });
  await transport.start();
  const kv = createKvClient({ nodes: Object.keys(addresses) }, { transport });
  const shared = new Set(
    history.operations.flatMap(({ input: { key } }) => (key.startsWith(ONCE_PREFIX) ? [] : key)),
  );
  const gets = [...shared].map((key, at) => ({
    key,
    handle: history.invoke(`${CLIENT}.${at}`, { op: "get", key }),
  }));
  try {
    const found = await readAll(kv);
    for (const { key, handle } of gets) history.complete(handle, found.get(key) ?? null);
    return [...found.keys()].filter((key) => key.startsWith(ONCE_PREFIX));
  } finally {
    await kv.stop();
    await transport.stop();
  }
}

/** What each key holds. The pages are reads of their own: nothing may be written meanwhile. */
async function readAll(kv: KvClient): Promise<Map<string, string>> {
  const deadlineMs = systemClock.now() + RECOVERY_TIMEOUT_MS;
  const found = new Map<string, string>();
  let { key: from }: KeyRange = ALL_KEYS;
  for (;;) {
    const timeoutMs = Math.max(1, deadlineMs - systemClock.now());
    const { kvs, more } = await kv.range(
      { ...ALL_KEYS, key: from },
      { limit: PAGE_KEYS, timeoutMs },
    );
    for (const { key, value } of kvs) found.set(utf8(key), utf8(value));
    const last = kvs.at(-1);
    if (!more || !last) return found;
    from = Buffer.concat([last.key, Buffer.alloc(1)]); // the next key in order
  }
}

import { ALL_KEYS, type KeyRange, type KeyValue, type KvClient, utf8 } from "@quorate/kv";
import { systemClock } from "@quorate/runtime";
import type { History, KeyValueInput, KeyValueOutput } from "@quorate/simulation/checker";
import { ONCE_PREFIX } from "./chaos-client.ts";

/** How long the healed cluster may take to serve again. */
const RECOVERY_TIMEOUT_MS = 60_000;
const PAGE_KEYS = 1_000;

/**
 * Reads all that is there, once the healed cluster answers, and adds a get of each shared key to the
 * history. Returns the names of the keys that were to be written once, each as often as it was.
 *
 * @throws {KvError} `unavailable`: it did not serve again within a minute.
 */
export async function readFinalState(
  kv: Pick<KvClient, "range">,
  history: History<KeyValueInput, KeyValueOutput>,
): Promise<string[]> {
  const keys = new Set(history.operations.map(({ input: { key } }) => key));
  const gets = [...keys]
    .filter((key) => !key.startsWith(ONCE_PREFIX))
    .map((key, at) => ({ key, handle: history.invoke(`final.${at}`, { op: "get", key }) }));
  const found = await readAll(kv);
  for (const { key, handle } of gets) {
    const pair = found.get(key);
    history.complete(handle, pair ? utf8(pair.value) : null);
  }
  return [...found]
    .filter(([key]) => key.startsWith(ONCE_PREFIX))
    .flatMap(([key, { version }]) => Array.from({ length: version }, () => key));
}

/** What each key holds. The pages are reads of their own: nothing may be written meanwhile. */
async function readAll(kv: Pick<KvClient, "range">): Promise<Map<string, KeyValue>> {
  const deadlineMs = systemClock.now() + RECOVERY_TIMEOUT_MS;
  const found = new Map<string, KeyValue>();
  let { key: from }: KeyRange = ALL_KEYS;
  for (;;) {
    const timeoutMs = Math.max(1, deadlineMs - systemClock.now());
    const options = { limit: PAGE_KEYS, timeoutMs };
    const { kvs, more } = await kv.range({ ...ALL_KEYS, key: from }, options);
    for (const pair of kvs) found.set(utf8(pair.key), pair);
    const last = kvs.at(-1);
    if (!more || !last) return found;
    from = Buffer.concat([last.key, Buffer.alloc(1)]); // the next key in order
  }
}

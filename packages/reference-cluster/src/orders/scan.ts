import { type KeyValue, type KvClient, withPrefix } from "@quorate/kv";

const PAGE = 1_000;

/**
 * All keys with a prefix, or those from `first` on, page by page, in their order: as they were at
 * `revision`, or each page as it is when it is read.
 *
 * @throws {KvError} `unavailable`; `compacted` when that revision is no longer kept.
 */
export async function* scan(
  kv: Pick<KvClient, "range">,
  prefix: string,
  revision?: number,
  first?: string,
): AsyncGenerator<KeyValue> {
  const all = withPrefix(prefix);
  let from = first === undefined ? all : { ...all, key: Buffer.from(first) };
  for (;;) {
    const { kvs, more } = await kv.range(from, { limit: PAGE, ...(revision && { revision }) });
    yield* kvs;
    const last = kvs.at(-1);
    if (!more || !last) return;
    from = { ...from, key: Buffer.concat([last.key, Buffer.of(0)]) };
  }
}

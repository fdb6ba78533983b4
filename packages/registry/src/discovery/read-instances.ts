import { withPrefix } from "@quorate/kv";
import type { Instance } from "../instance.ts";
import { decodeRecord, placeOf } from "../record.ts";
import type { RegistryStore } from "../registry-store.ts";

/** Instances that one read brings at most, each of up to 64 KiB: below what a result may have. */
const PAGE = 100;

/** What of the store can be found under a prefix. */
export interface Found {
  readonly revision: number;
  readonly instances: readonly Instance[];
  /** Keys that hold what no registry wrote. */
  readonly malformed: readonly string[];
}

/** All instances under `begin`, which begins with the registry's `prefix`, at one revision. */
export async function readInstances(
  store: RegistryStore,
  prefix: string,
  begin: string,
  signal: AbortSignal | undefined,
): Promise<Found> {
  const instances: Instance[] = [];
  const malformed: string[] = [];
  const { rangeEnd } = withPrefix(begin);
  const call = signal ? { signal } : {};
  let revision = 0;
  for (let key: string | Uint8Array = begin; ;) {
    const page = await store.range({ key, rangeEnd }, { ...call, limit: PAGE, revision });
    revision ||= page.revision;
    for (const { key: at, value } of page.kvs) {
      const place = placeOf(prefix, at);
      const record = place && decodeRecord(place, value);
      if (!record) malformed.push(Buffer.from(at).toString());
      else if (!record.leaving) instances.push(record.instance);
    }
    const last = page.kvs.at(-1)?.key;
    if (!page.more || !last) return { revision, instances, malformed };
    key = Buffer.concat([last, Buffer.of(0)]); // the first key after it
  }
}

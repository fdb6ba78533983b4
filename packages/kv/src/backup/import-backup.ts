import { ByteReader } from "../codec/byte-reader.ts";
import { readKeyValue } from "../codec/decode-result.ts";
import type { StoreEngine } from "../engine/store-engine.ts";
import type { Entry } from "../history/entry.ts";
import { KvError } from "../kv-error.ts";
import { Store } from "../store/store.ts";
import { PartReader } from "./part-reader.ts";

/**
 * The store that parts of a backup make, the first of them a full one, in an empty engine.
 *
 * @throws {KvError} `truncated`, `corrupt`, `unsupported-version`, `wrong-part`.
 */
export async function importBackup(
  engine: StoreEngine,
  parts: readonly AsyncIterable<Uint8Array>[],
): Promise<Store> {
  const readers = parts.map((part) => new PartReader(part));
  try {
    return await imported(engine, readers);
  } catch (error) {
    if (error instanceof KvError && error.code === "malformed") {
      throw new KvError("corrupt", `the backup is damaged: ${error.message}`);
    }
    throw error;
  } finally {
    await Promise.all(readers.map((reader) => reader.close()));
  }
}

async function imported(engine: StoreEngine, readers: readonly PartReader[]): Promise<Store> {
  let after = -1;
  for (const reader of readers) {
    const { fromRevision, revision } = await reader.begin();
    if (fromRevision !== after + 1) {
      const why = `a part begins at revision ${fromRevision}, due is ${after + 1}`;
      throw new KvError("wrong-part", why);
    }
    after = revision;
  }
  const [first, last] = [readers[0], readers.at(-1)];
  if (!first || !last) throw new KvError("wrong-part", "a backup has at least its full part");
  const { compactRevision, sweptRevision } = first.header;
  const { revision, isFull } = last.header;
  const store = new Store(engine, { revision, compactRevision, sweptRevision, isFull });
  // Before the keys, which are attached to them as they come; the leases of earlier parts are over.
  for (const lease of last.leases) store.grant(lease);
  for (const reader of readers) {
    for await (const { kind, payload } of reader.versions()) {
      engine.batch(() => {
        for (const entry of entriesIn(payload)) {
          reader.count(entry);
          if (kind === "base") store.load(entry);
          else store.replay(entry);
        }
      });
    }
  }
  store.loaded();
  return store;
}

function* entriesIn(payload: ByteReader): Generator<Entry> {
  while (payload.remaining > 0) {
    const { key, value, ...numbers } = readKeyValue(payload);
    yield { ...numbers, key: inBytes(key), value: inBytes(value) };
  }
}

function inBytes(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
}

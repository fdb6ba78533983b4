import { ByteReader } from "../codec/byte-reader.ts";
import type { StoreEngine } from "../engine/store-engine.ts";
import type { Entry } from "../history/entry.ts";
import { KvError } from "../kv-error.ts";
import { readBlocks } from "./read-blocks.ts";
import { BLOCK, MAGIC, SNAPSHOT_VERSION } from "./snapshot-format.ts";
import { Store } from "./store.ts";

/**
 * A store as `writeSnapshot` wrote it, in an empty engine.
 *
 * @throws {KvError} `corrupt`, `unsupported-version`.
 */
export async function readSnapshot(
  engine: StoreEngine,
  chunks: AsyncIterable<Uint8Array>,
): Promise<Store> {
  const reading = new SnapshotReading(engine);
  try {
    for await (const payload of readBlocks(chunks)) engine.batch(() => reading.take(payload));
  } catch (error) {
    if (!(error instanceof KvError)) throw error;
    if (error.code === "malformed" || error.code === "truncated") throw corrupt(error.message);
    throw error;
  }
  return reading.finish();
}

class SnapshotReading {
  readonly #engine: StoreEngine;
  #store: Store | undefined;
  /** The last block's kind: they come in the order of their numbers. */
  #kind = 0;
  #versions = 0;

  constructor(engine: StoreEngine) {
    this.#engine = engine;
  }

  take(payload: Uint8Array): void {
    const reader = new ByteReader(payload);
    const kind = reader.byte();
    const isInPlace = this.#store
      ? kind >= this.#kind && kind > BLOCK.header && this.#kind < BLOCK.trailer
      : kind === BLOCK.header;
    if (!isInPlace) throw corrupt(`a block of kind ${kind} in the wrong place`);
    this.#kind = kind;
    if (!this.#store) this.#store = this.#begin(reader);
    else if (kind === BLOCK.leases) this.#takeLeases(reader, this.#store);
    else if (kind === BLOCK.base) this.#takeVersions(reader, (entry) => this.#store!.load(entry));
    else if (kind === BLOCK.changes) {
      this.#takeVersions(reader, (entry) => this.#store!.replay(entry));
    } else if (kind === BLOCK.trailer) this.#end(reader, this.#store);
    else throw corrupt(`a block of the unknown kind ${kind}`);
    reader.end();
  }

  finish(): Store {
    if (this.#kind !== BLOCK.trailer) throw corrupt("it ends too early");
    return this.#store!;
  }

  #begin(reader: ByteReader): Store {
    if (reader.byteString() !== MAGIC) throw corrupt("it is of something else");
    const version = reader.byte();
    if (version !== SNAPSHOT_VERSION) {
      throw new KvError("unsupported-version", `snapshot version ${version}`);
    }
    const revision = reader.varint();
    const compactRevision = reader.varint();
    const sweptRevision = reader.varint();
    const isFull = reader.oneOf([false, true]);
    return new Store(this.#engine, { revision, compactRevision, sweptRevision, isFull });
  }

  #takeLeases(reader: ByteReader, store: Store): void {
    while (reader.remaining > 0) {
      store.grant({ id: reader.varint(), ttlSeconds: reader.varint() });
    }
  }

  #takeVersions(reader: ByteReader, add: (entry: Entry) => void): void {
    while (reader.remaining > 0) {
      const key = reader.byteString();
      const createRevision = reader.varint();
      const modRevision = reader.varint();
      const version = reader.varint();
      const lease = reader.varint();
      const value = reader.byteString();
      add({ key, value, createRevision, modRevision, version, lease });
      this.#versions++;
    }
  }

  #end(reader: ByteReader, store: Store): void {
    const versions = reader.varint();
    store.loaded();
    if (reader.byteString() !== store.digest() || versions !== this.#versions) {
      throw corrupt("its versions are not those that were written");
    }
  }
}

function corrupt(why: string): KvError {
  return new KvError("corrupt", `the snapshot is damaged: ${why}`);
}

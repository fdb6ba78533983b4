import { ByteReader } from "../codec/byte-reader.ts";
import { KvError } from "../kv-error.ts";
import { EntryTree } from "./entry-tree.ts";
import { readBlocks } from "./read-blocks.ts";
import { BLOCK, MAGIC, SNAPSHOT_VERSION } from "./snapshot-format.ts";
import { StateHash } from "./state-hash.ts";
import { Store } from "./store.ts";

/**
 * A store as `writeSnapshot` wrote it.
 *
 * @throws {KvError} `corrupt`, `unsupported-version`.
 */
export async function readSnapshot(chunks: AsyncIterable<Uint8Array>): Promise<Store> {
  const reading = new SnapshotReading();
  try {
    for await (const payload of readBlocks(chunks)) reading.take(payload);
  } catch (error) {
    if (error instanceof KvError && error.code === "malformed") throw corrupt(error.message);
    throw error;
  }
  return reading.finish();
}

class SnapshotReading {
  readonly #entries = new EntryTree();
  readonly #hash = new StateHash();
  #begun = false;
  #store: Store | undefined;

  take(payload: Uint8Array): void {
    const reader = new ByteReader(payload);
    const kind = reader.byte();
    if (this.#store) throw corrupt("there is something after its end");
    if (kind === BLOCK.header && !this.#begun) this.#begin(reader);
    else if (kind === BLOCK.entries && this.#begun) this.#takeEntries(reader);
    else if (kind === BLOCK.trailer && this.#begun) this.#end(reader);
    else throw corrupt(`a block of kind ${kind} in the wrong place`);
    reader.end();
  }

  finish(): Store {
    if (!this.#store) throw corrupt("it ends too early");
    return this.#store;
  }

  #begin(reader: ByteReader): void {
    if (reader.byteString() !== MAGIC) throw corrupt("it is of something else");
    const version = reader.byte();
    if (version !== SNAPSHOT_VERSION) {
      throw new KvError("unsupported-version", `snapshot version ${version}`);
    }
    this.#begun = true;
  }

  #takeEntries(reader: ByteReader): void {
    while (reader.remaining > 0) {
      const key = reader.byteString();
      const createRevision = reader.varint();
      const modRevision = reader.varint();
      const version = reader.varint();
      const value = reader.byteString();
      const entry = this.#hash.entry(key, value, createRevision, modRevision, version);
      this.#hash.add(entry);
      this.#entries.set(entry);
    }
  }

  #end(reader: ByteReader): void {
    const revision = reader.varint();
    const size = reader.varint();
    const store = new Store(this.#entries, this.#hash, revision);
    if (reader.byteString() !== store.digest() || size !== store.size) {
      throw corrupt("its entries are not those that were written");
    }
    this.#store = store;
  }
}

function corrupt(why: string): KvError {
  return new KvError("corrupt", `the snapshot is damaged: ${why}`);
}

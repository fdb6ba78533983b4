import type { Database, RangeOptions, Transaction } from "lmdb";
import type { ByteString } from "../byte-string.ts";

/** A table of an LMDB environment, with byte strings as keys. */
export class LmdbTable {
  readonly #table: Database<Buffer, Buffer>;

  constructor(table: Database<Buffer, Buffer>) {
    this.#table = table;
  }

  get size(): number {
    return (this.#table.getStats() as { readonly entryCount: number }).entryCount;
  }

  get(key: ByteString): Buffer | undefined {
    return this.#table.getBinary(bytesOf(key));
  }

  put(key: ByteString, value: Uint8Array): void {
    this.#table.putSync(bytesOf(key), value as Buffer);
  }

  delete(key: ByteString): void {
    this.#table.removeSync(bytesOf(key));
  }

  clear(): void {
    this.#table.clearSync();
  }

  drop(): void {
    this.#table.dropSync();
  }

  /** From `start` on, before `end`. The table must not change meanwhile, but for a fixed view. */
  *range(
    start: ByteString,
    end: ByteString | undefined,
    transaction?: Transaction,
  ): Generator<readonly [ByteString, Buffer]> {
    const options: RangeOptions = { start: bytesOf(start) };
    if (end !== undefined) options.end = bytesOf(end);
    if (transaction) options.transaction = transaction;
    for (const { key, value } of this.#table.getRange(options)) yield [textOf(key), value];
  }

  /** From the last that is before `end` down to `start`. */
  *rangeDown(
    start: ByteString,
    end: ByteString | undefined,
  ): Generator<readonly [ByteString, Buffer]> {
    const options: RangeOptions = { reverse: true };
    if (end !== undefined) options.start = bytesOf(end);
    for (const { key, value } of this.#table.getRange(options)) {
      const at = textOf(key);
      if (at === end) continue;
      if (at < start) return;
      yield [at, value];
    }
  }

  count(start: ByteString, end: ByteString | undefined): number {
    const options: RangeOptions = { start: bytesOf(start) };
    if (end !== undefined) options.end = bytesOf(end);
    return this.#table.getKeysCount(options);
  }
}

function bytesOf(text: ByteString): Buffer {
  return Buffer.from(text, "latin1");
}

function textOf(key: Buffer): ByteString {
  return key.toString("latin1");
}

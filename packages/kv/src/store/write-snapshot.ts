import { crc32 } from "node:zlib";
import { ByteWriter } from "../codec/byte-writer.ts";
import { writeKeyValue } from "../codec/encode-result.ts";
import type { StoreView } from "../engine/store-engine.ts";
import type { Lease } from "../lease/lease-table.ts";
import {
  BLOCK,
  BLOCK_BYTES,
  BLOCK_HEADER_BYTES,
  MAGIC,
  MAX_BLOCK_BYTES,
  SNAPSHOT_VERSION,
} from "./snapshot-format.ts";
import type { Standing, Store } from "./store.ts";

/** A store at one moment. */
interface Moment {
  readonly view: StoreView;
  readonly leases: readonly Lease[];
  readonly standing: Standing;
  readonly digest: string;
}

/** The store as it is when this is called, as `readSnapshot` reads it. One block a chunk. */
export function writeSnapshot(store: Store): AsyncIterable<Uint8Array> {
  return blocks({
    view: store.engine.view(),
    leases: store.leases.all(),
    standing: store.standing,
    digest: store.digest(),
  });
}

async function* blocks({ view, leases, standing, digest }: Moment): AsyncGenerator<Uint8Array> {
  const writer = new ByteWriter(MAX_BLOCK_BYTES, "result-too-large");
  let versions = 0;
  const writeEntry = (entry: Parameters<typeof writeKeyValue>[1]): void => {
    versions++;
    writeKeyValue(writer, entry);
  };
  try {
    yield block(writer, () => writeHeader(writer, standing));
    yield* many(writer, BLOCK.leases, leases, ({ id, ttlSeconds }) => {
      writer.varint(id);
      writer.varint(ttlSeconds);
    });
    yield* many(writer, BLOCK.base, view.base(), writeEntry);
    yield* many(writer, BLOCK.changes, view.changes(), writeEntry);
    yield block(writer, () => {
      writer.byte(BLOCK.trailer);
      writer.varint(versions);
      writer.byteString(digest);
    });
  } finally {
    view.release();
  }
}

function writeHeader(writer: ByteWriter, standing: Standing): void {
  writer.byte(BLOCK.header);
  writer.byteString(MAGIC);
  writer.byte(SNAPSHOT_VERSION);
  writer.varint(standing.revision);
  writer.varint(standing.compactRevision);
  writer.varint(standing.sweptRevision);
  writer.byte(standing.isFull ? 1 : 0);
}

function* many<T>(
  writer: ByteWriter,
  kind: number,
  all: Iterable<T>,
  write: (each: T) => void,
): Generator<Uint8Array> {
  const rest = all[Symbol.iterator]();
  for (let next = rest.next(); !next.done;) {
    yield block(writer, () => {
      writer.byte(kind);
      for (; !next.done && writer.length < BLOCK_BYTES; next = rest.next()) write(next.value);
    });
  }
}

function block(writer: ByteWriter, writePayload: () => void): Uint8Array {
  const bytes = writer.message(() => {
    writer.uint32(0); // the length, once it is known
    writer.uint32(0); // the checksum, likewise
    writePayload();
  });
  const payload = bytes.subarray(BLOCK_HEADER_BYTES);
  const header = new DataView(bytes.buffer, bytes.byteOffset, BLOCK_HEADER_BYTES);
  header.setUint32(0, payload.length, true);
  header.setUint32(4, crc32(payload), true);
  return bytes;
}

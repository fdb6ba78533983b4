import { ByteWriter } from "../codec/byte-writer.ts";
import { writeKeyValue } from "../codec/encode-result.ts";
import type { StoreView } from "../engine/store-engine.ts";
import type { Lease } from "../lease/lease-table.ts";
import { BLOCK, MAGIC, MAX_BLOCK_BYTES, SNAPSHOT_VERSION } from "./snapshot-format.ts";
import type { Standing, Store } from "./store.ts";
import { block, many } from "./write-blocks.ts";

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
    yield* many(writer, BLOCK.changes, view.changes(0), writeEntry);
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

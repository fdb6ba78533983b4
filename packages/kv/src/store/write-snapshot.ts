import { crc32 } from "node:zlib";
import { ByteWriter } from "../codec/byte-writer.ts";
import { writeKeyValue } from "../codec/encode-result.ts";
import type { EntryTree } from "./entry-tree.ts";
import {
  BLOCK,
  BLOCK_BYTES,
  BLOCK_HEADER_BYTES,
  MAGIC,
  MAX_BLOCK_BYTES,
  SNAPSHOT_VERSION,
} from "./snapshot-format.ts";
import type { Store } from "./store.ts";

interface View {
  readonly entries: Pick<EntryTree, "entries" | "size">;
  readonly revision: number;
  readonly digest: string;
}

/** The store as it is when this is called, as `readSnapshot` reads it. One block a chunk. */
export function writeSnapshot(store: Store): AsyncIterable<Uint8Array> {
  return blocks({
    entries: store.entries.clone(),
    revision: store.revision,
    digest: store.digest(),
  });
}

async function* blocks({ entries, revision, digest }: View): AsyncGenerator<Uint8Array> {
  const writer = new ByteWriter(MAX_BLOCK_BYTES, "result-too-large");
  yield block(writer, () => {
    writer.byte(BLOCK.header);
    writer.byteString(MAGIC);
    writer.byte(SNAPSHOT_VERSION);
  });
  const rest = entries.entries();
  for (let next = rest.next(); !next.done;) {
    yield block(writer, () => {
      writer.byte(BLOCK.entries);
      for (; !next.done && writer.length < BLOCK_BYTES; next = rest.next()) {
        writeKeyValue(writer, next.value[1]);
      }
    });
  }
  yield block(writer, () => {
    writer.byte(BLOCK.trailer);
    writer.varint(revision);
    writer.varint(entries.size);
    writer.byteString(digest);
  });
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

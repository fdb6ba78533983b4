import { crc32 } from "node:zlib";
import type { ByteWriter } from "../codec/byte-writer.ts";
import { BLOCK_BYTES, BLOCK_HEADER_BYTES } from "./snapshot-format.ts";

/** As many blocks of a kind as all of these take. */
export function* many<T>(
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

/** One block: see `snapshot-format.ts`. */
export function block(writer: ByteWriter, writePayload: () => void): Uint8Array {
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

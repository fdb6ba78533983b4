import type { EncodedRow } from "./layer-encoding.ts";
import type { StateCodec } from "./layer.ts";

const LENGTH_BYTES = 4;

/** Encoded lists of rows one after the other, each behind its length: the rows of a key group. */
export function joinChunks(chunks: readonly Uint8Array[]): Uint8Array {
  const length = chunks.reduce((sum, chunk) => sum + LENGTH_BYTES + chunk.length, 0);
  const all = new Uint8Array(length);
  const lengths = new DataView(all.buffer);
  let at = 0;
  for (const chunk of chunks) {
    lengths.setUint32(at, chunk.length, true);
    all.set(chunk, at + LENGTH_BYTES);
    at += LENGTH_BYTES + chunk.length;
  }
  return all;
}

/** All rows of a key group in a layer, in their order. */
export function* rowsOfGroup(bytes: Uint8Array, codec: StateCodec): Generator<EncodedRow> {
  const lengths = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 0; at < bytes.length;) {
    const from = at + LENGTH_BYTES;
    at = from + lengths.getUint32(at, true);
    yield* codec.decode(bytes.subarray(from, at)) as readonly EncodedRow[];
  }
}

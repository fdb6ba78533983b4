import { asBuffer } from "../byte-string.ts";
import { KvError } from "../kv-error.ts";
import { MAX_RESULT_BYTES } from "../limits.ts";

/** The largest frame: far above what one event, or the ids of all watches of a stream, take. */
export const MAX_FRAME_BYTES: number = 2 * MAX_RESULT_BYTES;

const LENGTH_BYTES = 4;

/** Adds a message to a chunk for a stream of bytes, as `readFrames` finds it there; in parts. */
export function addFrame(chunk: Uint8Array[], ...parts: readonly Uint8Array[]): number {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const header = Buffer.allocUnsafe(LENGTH_BYTES);
  header.writeUInt32LE(length);
  chunk.push(header, ...parts);
  return LENGTH_BYTES + length;
}

/**
 * The messages in a stream of bytes, as views on what came. Ends with it, also in the midst of one.
 *
 * @throws {KvError} `malformed` where one would be above `MAX_FRAME_BYTES`.
 */
export async function* readFrames(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let parts: Uint8Array[] = [];
  let bytes = 0;
  let needed = LENGTH_BYTES;
  for await (const chunk of chunks) {
    parts.push(chunk);
    bytes += chunk.length;
    if (bytes < needed) continue;
    const buffer = asBuffer(parts.length === 1 ? chunk : Buffer.concat(parts, bytes));
    let at = 0;
    for (;;) {
      const left = buffer.length - at;
      needed = LENGTH_BYTES + (left >= LENGTH_BYTES ? checkedLength(buffer, at) : 0);
      if (left < needed) break;
      yield buffer.subarray(at + LENGTH_BYTES, at + needed);
      at += needed;
    }
    parts = at < buffer.length ? [buffer.subarray(at)] : [];
    bytes = buffer.length - at;
  }
}

function checkedLength(buffer: Buffer, at: number): number {
  const length = buffer.readUInt32LE(at);
  if (length <= MAX_FRAME_BYTES) return length;
  throw new KvError("malformed", `a message of ${length} bytes, above ${MAX_FRAME_BYTES}`);
}

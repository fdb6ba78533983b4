import { crc32 } from "node:zlib";
import { asBuffer } from "../byte-string.ts";
import { KvError } from "../kv-error.ts";
import { BLOCK_HEADER_BYTES, MAX_BLOCK_BYTES } from "./snapshot-format.ts";

/**
 * The payloads of blocks that come in chunks of any size, checked.
 *
 * @throws {KvError} `corrupt`; `truncated` where they end in the midst of one.
 */
export async function* readBlocks(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let parts: Uint8Array[] = [];
  let gathered = 0;
  let needed = BLOCK_HEADER_BYTES;
  for await (const chunk of chunks) {
    parts.push(chunk);
    gathered += chunk.length;
    if (gathered < needed) continue;
    const bytes = parts.length === 1 ? asBuffer(chunk) : Buffer.concat(parts);
    let at = 0;
    for (
      needed = blockBytes(bytes, at);
      bytes.length - at >= needed;
      needed = blockBytes(bytes, at)
    ) {
      yield checkedPayload(bytes.subarray(at, at + needed));
      at += needed;
    }
    parts = [bytes.subarray(at)];
    gathered = bytes.length - at;
  }
  if (gathered > 0) throw new KvError("truncated", "the last block is cut off");
}

/** How long the block at `at` is; its header alone as long as that is not there. */
function blockBytes(bytes: Buffer, at: number): number {
  if (bytes.length - at < BLOCK_HEADER_BYTES) return BLOCK_HEADER_BYTES;
  const payloadBytes = bytes.readUInt32LE(at);
  if (payloadBytes > MAX_BLOCK_BYTES) throw corrupt(`a block claims ${payloadBytes} bytes`);
  return BLOCK_HEADER_BYTES + payloadBytes;
}

function checkedPayload(block: Buffer): Uint8Array {
  const payload = block.subarray(BLOCK_HEADER_BYTES);
  if (crc32(payload) !== block.readUInt32LE(4)) throw corrupt("a block's checksum is wrong");
  return payload;
}

function corrupt(why: string): KvError {
  return new KvError("corrupt", `it is damaged: ${why}`);
}

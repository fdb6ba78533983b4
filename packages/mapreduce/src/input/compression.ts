import { pipeline, Readable, type Transform } from "node:stream";
import * as zlib from "node:zlib";
import type { Disk } from "../disk/disk.ts";
import { MapReduceError } from "../mapreduce-error.ts";
import { zstdFrameEnd } from "./zstd-frame.ts";

export type Compression = "none" | "gzip" | "zstd";

/** What the first bytes of a file look like. */
export function compressionOf(head: Uint8Array): Compression {
  if (head[0] === 0x1f && head[1] === 0x8b) return "gzip";
  const isZstd = head[0] === 0x28 && head[1] === 0xb5 && head[2] === 0x2f && head[3] === 0xfd;
  return isZstd ? "zstd" : "none";
}

/** What a file's name says that it is. */
export function compressionNamed(path: string): Compression {
  if (path.endsWith(".gz")) return "gzip";
  return path.endsWith(".zst") ? "zstd" : "none";
}

const CHUNK_BYTES = 256 * 1_024;

/**
 * What a compressed file unpacks to, piece by piece; of a gzip or zstd file made of several, all of
 * them one after the other.
 *
 * @throws {MapReduceError} `invalid-input` when it is cut off or damaged, with the place in what was
 *   unpacked.
 */
export async function* unpacked(
  disk: Disk,
  file: string,
  compression: "gzip" | "zstd",
): AsyncIterable<Uint8Array> {
  let offset = 0;
  try {
    const chunks =
      compression === "gzip"
        ? throughStream(packedChunks(disk, file), zlib.createGunzip({ chunkSize: CHUNK_BYTES }))
        : unpackedZstd(disk, file);
    for await (const chunk of chunks) {
      offset += chunk.length;
      yield chunk;
    }
  } catch (error) {
    if (error instanceof MapReduceError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new MapReduceError(
      "invalid-input",
      `the ${compression} file is cut off or damaged: ${reason}`,
      { cause: error, place: { file, offset } },
    );
  }
}

function* packedChunks(disk: Disk, file: string, start = 0, end = Infinity): Iterable<Uint8Array> {
  const reader = disk.open(file);
  try {
    for (let position = start; position < end;) {
      // Each chunk is one of its own: a stream may hold several.
      const chunk = Buffer.allocUnsafe(Math.min(CHUNK_BYTES, end - position));
      const count = reader.read(chunk, position);
      if (count === 0) return;
      position += count;
      yield chunk.subarray(0, count);
    }
  } finally {
    reader.close();
  }
}

function throughStream(packed: Iterable<Uint8Array>, stream: Transform): AsyncIterable<Uint8Array> {
  // An error of the source destroys `stream` with it, and so comes out of its iteration.
  pipeline(Readable.from(packed, { objectMode: false }), stream, () => undefined);
  return stream;
}

type ZstdFactory = (options: { readonly chunkSize: number }) => Transform;

/** Node's own from 22.15 on; before, a decoder in JavaScript, which does not look at checksums. */
async function* unpackedZstd(disk: Disk, file: string): AsyncIterable<Uint8Array> {
  const { createZstdDecompress } = zlib as { readonly createZstdDecompress?: ZstdFactory };
  if (createZstdDecompress) yield* unpackedFrames(disk, file, createZstdDecompress);
  else yield* unpackedByFzstd(packedChunks(disk, file));
}

async function* unpackedFrames(
  disk: Disk,
  file: string,
  createStream: ZstdFactory,
): AsyncIterable<Uint8Array> {
  const reader = disk.open(file);
  try {
    let position = 0;
    do {
      const end = zstdFrameEnd(reader, position);
      const packed = packedChunks(disk, file, position, end);
      yield* throughStream(packed, createStream({ chunkSize: CHUNK_BYTES }));
      position = end;
    } while (position < reader.size);
  } finally {
    reader.close();
  }
}

async function* unpackedByFzstd(packed: Iterable<Uint8Array>): AsyncIterable<Uint8Array> {
  const { Decompress } = await import("fzstd");
  const pieces: Uint8Array[] = [];
  const decoder = new Decompress((piece) => void pieces.push(piece));
  let isEmpty = true;
  for (const chunk of packed) {
    isEmpty = false;
    decoder.push(chunk);
    yield* pieces.splice(0);
  }
  if (isEmpty) throw new Error("unexpected end of file");
  decoder.push(new Uint8Array(0), true);
  yield* pieces.splice(0);
}

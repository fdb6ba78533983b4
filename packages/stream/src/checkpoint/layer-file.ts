import { crc32 } from "node:zlib";
import type { CheckpointLayer, OperatorLayer } from "../core/state/layer.ts";

/**
 * A layer as a file: a mark, the length and checksum of the index, the index (JSON), then the blobs of
 * state one after the other. The index has each blob's length and checksum, so damage is found before
 * any of it is decoded.
 */
const MARK = Buffer.from("QSL1");
const HEADER_BYTES = 12;

/** Length and CRC-32 of a blob. */
type Blob = readonly [length: number, crc: number];

interface Index {
  readonly id: number;
  readonly operators: readonly {
    readonly id: string;
    readonly own: readonly Blob[];
    readonly groups: readonly (readonly [group: number, ...blob: Blob])[];
  }[];
}

export function* encodeLayer({ id, operators }: CheckpointLayer): Generator<Uint8Array> {
  const index: Index = {
    id,
    operators: [...operators].map(([operator, { own, groups }]) => ({
      id: operator,
      own: own.map(blobOf),
      groups: [...groups].map(([group, bytes]) => [group, ...blobOf(bytes)] as const),
    })),
  };
  const indexBytes = Buffer.from(JSON.stringify(index));
  const header = Buffer.alloc(HEADER_BYTES);
  MARK.copy(header);
  header.writeUInt32LE(indexBytes.length, 4);
  header.writeUInt32LE(crc32(indexBytes), 8);
  yield header;
  yield indexBytes;
  for (const { own, groups } of operators.values()) {
    yield* own;
    yield* groups.values();
  }
}

/** The layer, whose blobs are parts of `bytes`; undefined if it is damaged. */
export function decodeLayer(bytes: Uint8Array): CheckpointLayer | undefined {
  const index = decodeIndex(bytes);
  if (!index) return undefined;
  const blobs = new Blobs(bytes, index.end);
  const operators = new Map<string, OperatorLayer>();
  for (const { id, own, groups } of index.index.operators) {
    const owns = own.map((blob) => blobs.next(...blob));
    const byGroup = groups.map(([group, ...blob]) => [group, blobs.next(...blob)] as const);
    operators.set(id, { own: owns, groups: new Map(byGroup) });
  }
  return blobs.isDamaged ? undefined : { id: index.index.id, operators };
}

function decodeIndex(bytes: Uint8Array): { index: Index; end: number } | undefined {
  const all = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (all.length < HEADER_BYTES || !all.subarray(0, MARK.length).equals(MARK)) return undefined;
  const end = HEADER_BYTES + all.readUInt32LE(4);
  const index = all.subarray(HEADER_BYTES, end);
  if (end > all.length || crc32(index) !== all.readUInt32LE(8)) return undefined;
  return { index: JSON.parse(index.toString()) as Index, end };
}

function blobOf(bytes: Uint8Array): Blob {
  return [bytes.length, crc32(bytes)];
}

/** Takes blobs off one after the other. */
class Blobs {
  isDamaged = false;
  readonly #bytes: Uint8Array;
  #at: number;

  constructor(bytes: Uint8Array, at: number) {
    this.#bytes = bytes;
    this.#at = at;
  }

  next(length: number, crc: number): Uint8Array {
    const blob = this.#bytes.subarray(this.#at, this.#at + length);
    this.#at += length;
    if (blob.length !== length || crc32(blob) !== crc) this.isDamaged = true;
    return blob;
  }
}

import { crc32 } from "node:zlib";
import type { StateCodec } from "../core/state/layer.ts";

/** A layer file that a checkpoint consists of. */
export interface LayerReference {
  readonly name: string;
  readonly bytes: number;
}

/** What a checkpoint is, as a file. */
export interface Manifest {
  readonly id: number;
  /** Oldest first. */
  readonly layers: readonly LayerReference[];
  readonly transactions: ReadonlyMap<string, readonly unknown[]>;
}

const MARK = Buffer.from("QSM1");
const HEADER_BYTES = 8;

export function encodeManifest(manifest: Manifest, codec: StateCodec): Uint8Array {
  const body = codec.encode(manifest);
  const header = Buffer.alloc(HEADER_BYTES);
  MARK.copy(header);
  header.writeUInt32LE(crc32(body), 4);
  return Buffer.concat([header, body]);
}

/** Undefined if it is damaged. */
export function decodeManifest(bytes: Uint8Array, codec: StateCodec): Manifest | undefined {
  const all = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (all.length <= HEADER_BYTES || !all.subarray(0, MARK.length).equals(MARK)) return undefined;
  const body = all.subarray(HEADER_BYTES);
  return crc32(body) === all.readUInt32LE(4) ? (codec.decode(body) as Manifest) : undefined;
}

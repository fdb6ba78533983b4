import type { FrameKind } from "../session/frame.ts";

/**
 * Before each payload, little endian: its length (32 bits), the frame's kind (8), nothing yet (8),
 * its number (16), its id (32). The same for all kinds: the decoder needs no table.
 */
export const HEADER_BYTES = 12;

export function writeHeader(
  into: DataView,
  at: number,
  payloadBytes: number,
  kind: FrameKind,
  number: number,
  id: number,
): void {
  into.setUint32(at, payloadBytes, true);
  into.setUint16(at + 4, kind, true);
  into.setUint16(at + 6, number, true);
  into.setUint32(at + 8, id, true);
}

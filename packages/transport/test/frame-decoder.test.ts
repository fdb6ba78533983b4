import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { FRAME, type FrameKind } from "../src/session/frame.ts";
import { FrameDecoder } from "../src/tcp/frame-decoder.ts";
import { HEADER_BYTES, writeHeader } from "../src/tcp/frame-header.ts";

interface Frame {
  readonly kind: FrameKind;
  readonly number: number;
  readonly id: number;
  readonly payload: Uint8Array;
}

const frames = fc.array(
  fc.record({
    kind: fc.constantFrom(...Object.values(FRAME)),
    number: fc.nat(0xffff),
    id: fc.nat(0xffff_ffff),
    payload: fc.uint8Array({ maxLength: 60 }),
  }),
  { maxLength: 12 },
);

function encoded({ kind, number, id, payload }: Frame): Buffer {
  const bytes = new Uint8Array(HEADER_BYTES + payload.length);
  writeHeader(new DataView(bytes.buffer), 0, payload.length, kind, number, id);
  bytes.set(payload, HEADER_BYTES);
  return Buffer.from(bytes);
}

function decoded(chunks: readonly Uint8Array[], maxPayloadBytes = 1_024): Frame[] {
  const found: Frame[] = [];
  const decoder = new FrameDecoder(maxPayloadBytes, (kind, number, id, payload) => {
    found.push({ kind: kind as FrameKind, number, id, payload });
  });
  for (const chunk of chunks) decoder.push(chunk);
  return found;
}

/** `bytes` in pieces that end at `borders`. */
function cut(bytes: Uint8Array, borders: readonly number[]): Uint8Array[] {
  const sorted = [...borders.map((border) => border % (bytes.length + 1)), bytes.length];
  let from = 0;
  return sorted
    .toSorted((a, b) => a - b)
    .map((to) => Buffer.from(bytes.subarray(from, (from = to))));
}

describe("FrameDecoder", () => {
  it("finds the same frames wherever the bytes are cut into chunks", () => {
    fc.assert(
      fc.property(frames, fc.array(fc.nat(2_000), { maxLength: 40 }), (sent, borders) => {
        const bytes = Buffer.concat(sent.map(encoded));
        expect(decoded(cut(bytes, borders))).toEqual(sent);
      }),
      { numRuns: 500 },
    );
  });

  it("finds the same frames byte by byte", () => {
    fc.assert(
      fc.property(frames, (sent) => {
        const bytes = Buffer.concat(sent.map(encoded));
        expect(decoded([...bytes].map((byte) => Uint8Array.of(byte)))).toEqual(sent);
      }),
    );
  });

  it("cut at any byte, gives out the whole frames before the cut and nothing of the next", () => {
    const sent = [3, 0, 40].map((length, at) => ({
      kind: FRAME.MESSAGE,
      number: at,
      id: at,
      payload: new Uint8Array(length).fill(at),
    }));
    const bytes = Buffer.concat(sent.map(encoded));
    const ends = sent.map((_, at) => Buffer.concat(sent.slice(0, at + 1).map(encoded)).length);
    for (let at = 0; at <= bytes.length; at++) {
      const whole = ends.filter((end) => end <= at).length;
      expect(decoded([bytes.subarray(0, at)])).toEqual(sent.slice(0, whole));
    }
  });

  it("refuses a length above the limit before it allocates, also when the header comes in parts", () => {
    const header = encoded({
      kind: FRAME.MESSAGE,
      number: 0,
      id: 0,
      payload: new Uint8Array(1_025),
    });
    const violation = expect.objectContaining({ code: "protocol-violation" });
    expect(() => decoded([header.subarray(0, HEADER_BYTES)])).toThrow(violation);
    const parts = [header.subarray(0, 5), header.subarray(5, HEADER_BYTES)];
    expect(() => decoded(parts)).toThrow(violation);
    header.writeUInt32LE(0xffff_ffff);
    expect(() => decoded([header])).toThrow(violation);
  });

  it("does not copy a payload that lies within one chunk", () => {
    const chunk = encoded({ kind: FRAME.DATA, number: 0, id: 1, payload: new Uint8Array(9) });
    expect(decoded([chunk])[0]?.payload.buffer).toBe(chunk.buffer);
  });
});

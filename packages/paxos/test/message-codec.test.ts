import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeMessage, encodeMessage, type Message, NO_BALLOT, PaxosError } from "../src/index.ts";

const number = fc.nat({ max: Number.MAX_SAFE_INTEGER });
const ballot = fc.record({
  round: fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
  node: fc.string({ minLength: 1, maxLength: 40 }),
  incarnation: number,
});
const value = fc.uint8Array({ maxLength: 400 });
const proposal = fc.record({ ballot, value });

function of(type: string, fields: object): fc.Arbitrary<Message<Uint8Array>> {
  return fc.record({ type: fc.constant(type), ...fields }) as never;
}

const message = fc.oneof(
  of("prepare", { ballot }),
  of("promise", { ballot, accepted: fc.option(proposal, { nil: undefined }) }),
  of("accept", { proposal }),
  of("accepted", { proposal }),
  of("nack", { ballot, promised: fc.oneof(ballot, fc.constant(NO_BALLOT)) }),
  of("learn", {}),
  of("chosen", { value }),
);

describe("messages as bytes", () => {
  it("every message comes back as it was", () => {
    fc.assert(
      fc.property(message, (sent) => {
        expect(decodeMessage(encodeMessage(sent))).toEqual(sent);
      }),
    );
  });

  it("the first byte is the version, and another version is refused", () => {
    const bytes = encodeMessage({ type: "learn" }).slice();
    expect([...bytes]).toEqual([1, 5]);
    bytes[0] = 2;
    expect(() => decodeMessage(bytes)).toThrow(/version 2 of messages is not known, only 1/);
  });

  it("a message that was cut or extended anywhere is refused with a typed error", () => {
    const malformed = expect.objectContaining({ code: "malformed" });
    fc.assert(
      fc.property(message, fc.nat(), (sent, cut) => {
        const bytes = encodeMessage(sent);
        expect(() => decodeMessage(bytes.subarray(0, cut % bytes.length))).toThrow(malformed);
        expect(() => decodeMessage(new Uint8Array([...bytes, 0]))).toThrow(malformed);
      }),
    );
  });

  it("garbage is refused with a typed error, or is a message; nothing else is thrown", () => {
    const garbage = fc.uint8Array({ maxLength: 200 }).map((bytes) => {
      if (bytes.length > 1) [bytes[0], bytes[1]] = [1, bytes[1]! % 8];
      return bytes;
    });
    fc.assert(
      fc.property(garbage, (bytes) => {
        try {
          expect(decodeMessage(bytes).type).toBeTypeOf("string");
        } catch (error) {
          expect(error).toBeInstanceOf(PaxosError);
        }
      }),
      { numRuns: 2_000 },
    );
  });
});

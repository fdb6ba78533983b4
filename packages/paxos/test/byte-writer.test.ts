import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ByteReader } from "../src/core/codec/byte-reader.ts";
import { ByteWriter } from "../src/core/codec/byte-writer.ts";

describe("fields as bytes", () => {
  it("come back as they were, wherever the memory has to grow", () => {
    const text = fc.string({ maxLength: 80, unit: "grapheme" });
    const field = fc.oneof(
      fc.record({ kind: fc.constant("byte" as const), value: fc.nat(255) }),
      fc.record({ kind: fc.constant("number" as const), value: fc.maxSafeNat() }),
      fc.record({ kind: fc.constant("name" as const), value: text }),
      fc.record({ kind: fc.constant("text" as const), value: text }),
      fc.record({ kind: fc.constant("bytes" as const), value: fc.uint8Array({ maxLength: 99 }) }),
    );
    fc.assert(
      fc.property(fc.array(field, { maxLength: 200 }), fc.nat(300), (fields, first) => {
        const writer = new ByteWriter();
        for (let at = 0; at < first; at++) writer.byte(at % 256);
        for (const { kind, value } of fields) writer[kind](value as never);
        const reader = new ByteReader(writer.finish());
        for (let at = 0; at < first; at++) expect(reader.byte()).toBe(at % 256);
        for (const { kind, value } of fields) expect(reader[kind]()).toEqual(value);
        reader.end();
      }),
    );
  });
});

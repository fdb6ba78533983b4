import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ByteReader } from "../src/core/codec/byte-reader.ts";
import { ByteWriter } from "../src/core/codec/byte-writer.ts";

const field = fc.oneof(
  fc.record({ kind: fc.constant("byte" as const), value: fc.nat({ max: 255 }) }),
  fc.record({ kind: fc.constant("number" as const), value: fc.nat({ max: 2 ** 53 - 1 }) }),
  fc.record({ kind: fc.constant("name" as const), value: fc.string({ maxLength: 60 }) }),
  fc.record({ kind: fc.constant("bytes" as const), value: fc.uint8Array({ maxLength: 300 }) }),
);

describe("fields as bytes", () => {
  it("come back as they were written, wherever the memory had to grow", () => {
    fc.assert(
      fc.property(fc.array(field, { maxLength: 60 }), (fields) => {
        const writer = new ByteWriter();
        for (const { kind, value } of fields) {
          (writer[kind] as (this: ByteWriter, value: unknown) => void).call(writer, value);
        }
        const reader = new ByteReader(writer.finish());
        for (const { kind, value } of fields) {
          const found = reader[kind]();
          expect(found instanceof Uint8Array ? new Uint8Array(found) : found).toEqual(value);
        }
        reader.end();
      }),
    );
  });
});

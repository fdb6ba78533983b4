import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ByteSink } from "../../src/codec/byte-sink.ts";
import { escapeField, unescapeField } from "../../src/streaming/line-escape.ts";
import { GroupSpool } from "../../src/streaming/group-spool.ts";
import { MemoryDisk } from "../../src/testing/index.ts";

const bytes = fc.uint8Array({ maxLength: 12 }).chain((some) =>
  // Many of the bytes that are escaped, and prefixes of each other.
  fc.constantFrom(
    some,
    some.map((byte) => byte % 0x12),
    some.subarray(0, 2),
  ),
);

function field(of: Uint8Array): Buffer {
  const sink = new ByteSink();
  escapeField(of, 0, of.length, sink);
  return Buffer.from(sink.bytes.subarray(0, sink.length));
}

describe("fields of lines", () => {
  it("stand for any bytes, and have no TAB, newline, CR or NUL in them", () => {
    fc.assert(
      fc.property(bytes, (some) => {
        const escaped = field(some);
        for (const byte of [0, 0x09, 0x0a, 0x0d]) expect(escaped.includes(byte)).toBe(false);
        const sink = new ByteSink();
        unescapeField(escaped, 0, escaped.length, sink);
        expect([...sink.bytes.subarray(0, sink.length)]).toEqual([...some]);
      }),
      { numRuns: 2_000 },
    );
  });

  it("are sorted as the bytes are, alone or with a TAB and more behind them", () => {
    fc.assert(
      fc.property(bytes, bytes, bytes, (one, other, rest) => {
        const order = Math.sign(Buffer.compare(one, other));
        expect(Math.sign(Buffer.compare(field(one), field(other)))).toBe(order);
        const line = (of: Uint8Array): Buffer =>
          Buffer.concat([field(of), Buffer.from("\t"), rest]);
        expect(Math.sign(Buffer.compare(line(one), line(other)))).toBe(order);
      }),
      { numRuns: 2_000 },
    );
  });

  it("leave text as it is", () => {
    expect(field(Buffer.from("Köln, am Rhein \\t 🎈")).toString()).toBe("Köln, am Rhein \\t 🎈");
  });
});

describe("GroupSpool", () => {
  it("gives the values back in their order, from memory and from the disk", () => {
    const values = fc.array(fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 20 }));
    fc.assert(
      fc.property(values, fc.integer({ min: 1, max: 100 }), (groups, memoryBytes) => {
        const disk = new MemoryDisk();
        const spool = new GroupSpool(disk, "/spool", memoryBytes);
        for (const group of groups) {
          for (const value of group) spool.add(value, 0, value.length);
          const found = [...spool.values()].map((value) => [...value]);
          expect(found).toEqual(group.map((value) => [...value]));
          spool.clear();
        }
        spool.close();
        expect(disk.list("/")).toEqual([]);
      }),
    );
  });
});

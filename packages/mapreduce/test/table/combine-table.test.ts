import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Codec } from "../../src/codec/codec.ts";
import { float64 } from "../../src/codec/float64.ts";
import { json } from "../../src/codec/json.ts";
import { RunReader } from "../../src/sort/run-reader.ts";
import { RunWriter } from "../../src/sort/run-writer.ts";
import { CombineTable } from "../../src/table/combine-table.ts";
import { max, min, sum } from "../../src/table/folds.ts";
import { hashBytes, partitionOf } from "../../src/table/hash.ts";
import type { Combine } from "../../src/table/table-values.ts";
import { MemoryDisk } from "../../src/testing/index.ts";
import { someKeys } from "../sort/pairs.ts";

const KEYS = fc.array(fc.oneof(someKeys, fc.uint8Array({ maxLength: 30 })), { maxLength: 200 });
const PARTITIONS = 3;

/** What comes out of all spills of a table, by partition, as [key, value] of each segment in order. */
function combined<V>(
  pairs: readonly (readonly [Uint8Array, V])[],
  value: Codec<V>,
  combine: Combine<V>,
  memoryBytes: number,
): { readonly segments: [string, V][][]; readonly partitions: number[] } {
  const disk = new MemoryDisk();
  const table = new CombineTable<V>({
    // Not zeroed: a task's memory was another's before.
    memory: new Uint8Array(memoryBytes).fill(255).buffer,
    value,
    combine,
    partitions: PARTITIONS,
    partitionOf: (...key) => partitionOf(hashBytes(...key), PARTITIONS),
  });
  const found: { segments: [string, V][][]; partitions: number[] } = {
    segments: [],
    partitions: [],
  };
  const spill = (): void => {
    const file = `/run-${found.segments.length}`;
    const run = new RunWriter({ disk, file, blockBytes: 64, isCompressed: false });
    table.writeTo(run);
    run.close();
    for (const segment of run.segments) {
      const reader = new RunReader(disk, segment);
      const entries: [string, V][] = [];
      while (reader.advance()) {
        const key = Buffer.from(reader.bytes).toString("hex", reader.keyStart, reader.keyEnd);
        entries.push([key, value.read(reader.bytes, reader.keyEnd, reader.valueEnd)]);
      }
      found.segments.push(entries);
      found.partitions.push(segment.partition);
    }
  };
  const settle = (): void => {
    while (!table.settle()) {
      expect(table.count).toBeGreaterThan(0);
      spill();
    }
  };
  for (const [key, one] of pairs) {
    if (!table.add(key, 0, key.length, one)) settle();
  }
  settle();
  if (table.count > 0) spill();
  return found;
}

function folded<V>(pairs: Iterable<readonly [string, V]>, combine: Combine<V>): Map<string, V> {
  const map = new Map<string, V>();
  for (const [key, value] of pairs) {
    map.set(key, map.has(key) ? combine(map.get(key)!, value) : value);
  }
  return map;
}

function hex(key: Uint8Array): string {
  return Buffer.from(key).toString("hex");
}

describe("CombineTable", () => {
  it("has one sorted value a key in each segment, and together what a Map has, at any memory", () => {
    const memory = fc.integer({ min: 4_096, max: 65_536 });
    fc.assert(
      fc.property(KEYS, memory, fc.constantFrom(sum, max, min), (keys, memoryBytes, combine) => {
        const pairs = keys.map((key, index) => [key, (index * 37) % 101] as const);
        const { segments, partitions } = combined(pairs, float64, combine, memoryBytes);
        for (const [index, segment] of segments.entries()) {
          const own = segment.map(([key]) => key);
          expect(own).toEqual([...new Set(own)].sort());
          for (const key of own) {
            const bytes = Buffer.from(key, "hex");
            const hash = hashBytes(bytes, 0, bytes.length);
            expect(partitionOf(hash, PARTITIONS)).toBe(partitions[index]);
          }
        }
        const expected = folded(
          pairs.map(([key, value]) => [hex(key), value] as const),
          combine,
        );
        expect(folded(segments.flat(), combine)).toEqual(expected);
      }),
      { numRuns: 300 },
    );
  });

  it("keeps values of any codec, also as they grow, and fills up instead of growing itself", () => {
    const concat: Combine<number[]> = (left, right) => [...left, ...right];
    fc.assert(
      fc.property(KEYS, fc.integer({ min: 16_384, max: 65_536 }), (keys, memoryBytes) => {
        const pairs = keys.map((key, index): [Uint8Array, number[]] => [key, [index]]);
        const { segments } = combined(pairs, json<number[]>(), concat, memoryBytes);
        const expected = folded(
          pairs.map(([key, value]): [string, number[]] => [hex(key), value]),
          concat,
        );
        expect(folded(segments.flat(), concat)).toEqual(expected);
      }),
    );
  });

  it("MurmurHash3 gives what its author's code gives: keys never change their partition", () => {
    const hashes = ["", "a", "hello", "The quick brown fox jumps over the lazy dog"].map((text) => {
      const bytes = Buffer.from(`x${text}`);
      return hashBytes(bytes, 1, bytes.length) >>> 0;
    });
    expect(hashes).toEqual([0, 0x3c2569b2, 0x248bfa47, 0x2e4ff723]);
    expect(partitionOf(-1, 7)).toBe(6);
    expect(partitionOf(0, 7)).toBe(0);
  });
});

import fc from "fast-check";
import { RunReader } from "../../src/sort/run-reader.ts";
import type { MemoryDisk } from "../../src/testing/index.ts";
import type { Segment } from "../../src/task/task.ts";

export interface Pair {
  readonly key: Uint8Array;
  readonly value: Uint8Array;
  readonly text: string;
}

/** Keys that are often equal, begin with each other, have zeros, or differ late. */
export const someKeys: fc.Arbitrary<Uint8Array> = fc.oneof(
  fc.array(fc.constantFrom(0, 1, 255), { maxLength: 6 }).map((bytes) => Uint8Array.from(bytes)),
  fc.integer({ min: 0, max: 40 }).map((length) => new Uint8Array(length).fill(97)),
  fc.constantFrom("a", "ab", "the same long beginning 1", "the same long beginning 2").map(utf8),
);

export function pairsOf(keys: fc.Arbitrary<Uint8Array>): fc.Arbitrary<Pair[]> {
  return fc.array(keys, { maxLength: 120 }).map((all) =>
    all.map((key, index) => {
      const value = utf8(String(index));
      return { key, value, text: `${Buffer.from(key).toString("hex")}=${index}` };
    }),
  );
}

export function byKey(left: Pair, right: Pair): number {
  return Buffer.compare(left.key, right.key);
}

export function keyed({ bytes, keyStart, keyEnd, valueEnd }: RunReader): string {
  const buffer = Buffer.from(bytes);
  return `${buffer.toString("hex", keyStart, keyEnd)}=${buffer.toString("utf8", keyEnd, valueEnd)}`;
}

export function readSegment(disk: MemoryDisk, segment: Segment): string[] {
  const reader = new RunReader(disk, segment);
  const pairs: string[] = [];
  while (reader.advance()) pairs.push(keyed(reader));
  return pairs;
}

function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { uint } from "../../src/codec/uint.ts";
import { GroupFold } from "../../src/sort/group-fold.ts";
import { GroupedMerge } from "../../src/sort/grouped-merge.ts";
import { mergeRuns } from "../../src/sort/merge-runs.ts";
import { RunWriter } from "../../src/sort/run-writer.ts";
import { SortBuffer } from "../../src/sort/sort-buffer.ts";
import { sum } from "../../src/table/folds.ts";
import type { Segment } from "../../src/task/task.ts";
import { MemoryDisk } from "../../src/testing/index.ts";
import { byKey, keyed, type Pair, pairsOf, readSegment, someKeys } from "./pairs.ts";

interface Plan {
  readonly memoryBytes: number;
  readonly partitions: number;
  readonly blockBytes: number;
  readonly isCompressed: boolean;
}

const plans: fc.Arbitrary<Plan> = fc.record({
  memoryBytes: fc.integer({ min: 256, max: 4_096 }),
  partitions: fc.integer({ min: 1, max: 4 }),
  blockBytes: fc.integer({ min: 1, max: 200 }),
  isCompressed: fc.boolean(),
});

/** Spills whenever the buffer is full, as a map task does; the segments of all runs in their order. */
function spilled(pairs: readonly Pair[], plan: Plan, disk: MemoryDisk): Segment[] {
  const buffer = new SortBuffer(new ArrayBuffer(plan.memoryBytes), plan.partitions);
  const segments: Segment[] = [];
  const spill = (): void => {
    const run = new RunWriter({ ...plan, disk, file: `/run-${segments.length}` });
    buffer.writeTo(run);
    run.close();
    segments.push(...run.segments);
  };
  for (const { key, value } of pairs) {
    const add = (): boolean =>
      buffer.add(partition(key, plan), key, 0, key.length, value, 0, value.length);
    if (add()) continue;
    spill();
    expect(add()).toBe(true);
  }
  if (buffer.count > 0) spill();
  return segments;
}

function partition(key: Uint8Array, { partitions }: Plan): number {
  return key.length % partitions;
}

describe("sorting within memory, and merging", () => {
  it("gives each partition's pairs by key, equal keys in the order in which they came", () => {
    fc.assert(
      fc.property(
        pairsOf(someKeys),
        plans,
        fc.integer({ min: 1, max: 3_000 }),
        (pairs, plan, memory) => {
          const disk = new MemoryDisk();
          const segments = spilled(pairs, plan, disk);
          for (let number = 0; number < plan.partitions; number++) {
            const own = segments.filter((segment) => segment.partition === number);
            const merge = mergeRuns(own, { ...plan, disk, folder: "/", memoryBytes: memory });
            const merged: string[] = [];
            while (merge.advance()) merged.push(keyed(merge.current!));
            const expected = pairs.filter(({ key }) => partition(key, plan) === number).sort(byKey);
            expect(merged).toEqual(expected.map(({ text }) => text));
          }
        },
      ),
      { numRuns: 300 },
    );
  });

  it("many runs in little memory are merged in steps, and what was in between is removed", () => {
    const disk = new MemoryDisk();
    const plan = { memoryBytes: 256, partitions: 1, blockBytes: 16, isCompressed: false };
    const pairs = Array.from({ length: 200 }, (_, index) => ({
      key: Buffer.from(String((index * 7) % 50)),
      value: Uint8Array.of(index),
      text: `${(index * 7) % 50}=${index}`,
    }));
    const segments = spilled(pairs, plan, disk);
    expect(segments.length).toBeGreaterThan(20);
    const merge = mergeRuns(segments, { ...plan, disk, folder: "/", memoryBytes: 64 });
    expect(disk.list("/").filter((name) => name.startsWith("merged-")).length).toBeLessThan(5);
    let count = 0;
    while (merge.advance()) count++;
    expect(count).toBe(200);
  });

  it("a merge in steps combines what it can", () => {
    const disk = new MemoryDisk();
    const plan = { memoryBytes: 256, partitions: 1, blockBytes: 64, isCompressed: true };
    const ones = Array.from({ length: 300 }, () => ({
      key: Buffer.from("a"),
      value: Uint8Array.of(1),
      text: "",
    }));
    const segments = spilled(ones, plan, disk);
    const fold = new GroupFold(uint, sum) as unknown as GroupFold;
    const merge = mergeRuns(segments, { ...plan, disk, folder: "/", memoryBytes: 128, fold });
    const counts: number[] = [];
    while (merge.advance()) {
      const { bytes, keyEnd, valueEnd } = merge.current!;
      counts.push(uint.read(bytes, keyEnd, valueEnd));
    }
    expect(counts.length).toBeLessThan(segments.length);
    expect(counts.reduce(sum)).toBe(300);
  });

  it("groups go on from key to key, whatever part of a group was taken", () => {
    fc.assert(
      fc.property(pairsOf(someKeys), fc.infiniteStream(fc.nat(3)), (pairs, taken) => {
        const disk = new MemoryDisk();
        const plan = { memoryBytes: 512, partitions: 1, blockBytes: 40, isCompressed: false };
        const segments = spilled(pairs, plan, disk);
        const merge = mergeRuns(segments, { ...plan, disk, folder: "/", memoryBytes: 4_096 });
        const groups = new GroupedMerge(merge);
        const keys: string[] = [];
        while (groups.nextGroup()) {
          keys.push(Buffer.from(groups.key.bytes.subarray(0, groups.key.length)).toString("hex"));
          for (let left = taken.next().value; left > 0 && groups.next(); left--);
        }
        const expected = new Set(pairs.map(({ key }) => Buffer.from(key).toString("hex")));
        expect(keys).toEqual([...expected].sort());
      }),
    );
  });

  it("tells of each segment how many records and bytes it has", () => {
    const disk = new MemoryDisk();
    const plan = { memoryBytes: 4_096, partitions: 2, blockBytes: 30, isCompressed: false };
    const pairs = ["a", "bb", "c", "dd"].map((key) => ({
      key: Buffer.from(key),
      value: Buffer.alloc(50),
      text: key,
    }));
    const segments = spilled(pairs, plan, disk);
    expect(segments.map(({ records }) => records)).toEqual([2, 2]);
    for (const segment of segments) expect(readSegment(disk, segment).length).toBe(2);
  });

  it("a run that was cut off is told as damaged, not read as if it were whole", () => {
    const disk = new MemoryDisk();
    const plan = { memoryBytes: 4_096, partitions: 1, blockBytes: 30, isCompressed: false };
    const [segment] = spilled(
      [{ key: Buffer.from("a"), value: Buffer.alloc(50), text: "" }],
      plan,
      disk,
    );
    expect(() => readSegment(disk, { ...segment!, bytes: segment!.bytes + 1 })).toThrow("damaged");
  });
});

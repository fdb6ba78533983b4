import { seededRandom } from "@quorate/runtime";
import { MemoryFileSystem } from "@quorate/runtime/testing";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { openWal, type Wal } from "../src/index.ts";

const OPTIONS = { directory: "/log", segmentBytes: 1_024 };

/** Which of the records are not read as they were. */
async function wrongAt(
  wal: Wal,
  places: readonly number[],
  records: readonly Uint8Array[],
): Promise<readonly number[]> {
  const wrong: number[] = [];
  for (const [at, place] of places.entries()) {
    if (Buffer.compare(await wal.readAt(place), records[at]!) !== 0) wrong.push(at);
  }
  return wrong;
}

describe("places", () => {
  it("each record is read again by its place, of whatever size, batch and segment, also after a restart", async () => {
    const batches = fc.array(fc.array(fc.nat(3_000), { maxLength: 8 }), { maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(batches, async (sizes) => {
        const dependencies = { fileSystem: new MemoryFileSystem(), random: seededRandom(1) };
        const wal = await openWal(OPTIONS, dependencies);
        let number = 0;
        const records = sizes.map((some) =>
          some.map((size) => new Uint8Array(size).fill(number++ % 251)),
        );
        const placed = await Promise.all(records.map((batch) => wal.appendPlaced(batch)));
        const places = placed.flatMap((some) => [...some]);
        const all = records.flat();
        for (const [at, place] of places.entries())
          expect(await wal.readAt(place)).toEqual(all[at]);
        await wal.close();
        const again = await openWal(OPTIONS, dependencies);
        const seen: number[] = [];
        for await (const { place } of again.read(again.firstIndex)) seen.push(place);
        expect(seen).toEqual(places);
        expect(await wrongAt(again, places, all)).toEqual([]);
        await again.close();
      }),
      { numRuns: 10 },
    );
  });

  it("a record whose segment was removed is out of range", async () => {
    const dependencies = { fileSystem: new MemoryFileSystem(), random: seededRandom(1) };
    const wal = await openWal(OPTIONS, dependencies);
    const [place] = await wal.appendPlaced([new Uint8Array(100)]);
    expect(await wal.readAt(place!)).toHaveLength(100);
    for (let at = 0; at < 20; at++) await wal.append([new Uint8Array(900)]);
    await wal.dropBefore(wal.lastIndex);
    await expect(wal.readAt(place!)).rejects.toMatchObject({ code: "out-of-range" });
    await wal.close();
  });
});

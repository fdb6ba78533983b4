import { crc32 } from "node:zlib";
import { describe, expect, it } from "vitest";
import { WalError } from "../src/index.ts";
import {
  BATCH_HEADER,
  bytesOf,
  contentOf,
  diskWith,
  open,
  recordsOf,
  segment,
  SEGMENT_HEADER,
  stored,
} from "./disk.ts";

const BATCHES = [["first", ""], ["a record of some length"], ["third", "fourth"]];
const RECORDS = BATCHES.flat();
const FIRST = `/log/${segment(1)}`;

/** Where each batch header and record of `BATCHES` begins, and where the seal does. */
function places(): { readonly headers: number[]; readonly all: number[]; readonly seal: number } {
  const headers: number[] = [];
  const all = [0];
  let at = SEGMENT_HEADER;
  for (const batch of BATCHES) {
    headers.push(at);
    all.push(at);
    at += BATCH_HEADER;
    for (const record of batch) {
      all.push(at);
      at += stored(record.length);
    }
  }
  return { headers, all, seal: at };
}

async function errorOf(opening: Promise<unknown>): Promise<WalError> {
  const error = await opening.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(WalError);
  return error as WalError;
}

describe("a flipped bit", () => {
  const { all, headers, seal } = places();
  const last = headers.at(-1)!;

  it("in what was closed cleanly is refused by segment and offset, whichever bit it is", async () => {
    for (let at = 0; at < seal; at++) {
      const disk = await diskWith(BATCHES);
      disk.file(FIRST).flipBit(at, at % 8);
      const before = await contentOf(disk);
      const error = await errorOf(open(disk));
      const offset = all.findLast((place) => place <= at);
      expect({ at, code: error.code, segment: error.segment, offset: error.offset }).toEqual({
        at,
        code: "damaged",
        segment: segment(1),
        offset,
      });
      expect(await contentOf(disk)).toEqual(before);
    }
  });

  it("after the last record (in the seal or in what is preallocated) costs nothing", async () => {
    for (let at = seal; at < seal + BATCH_HEADER + 16; at++) {
      const disk = await diskWith(BATCHES);
      disk.file(FIRST).flipBit(at, at % 8);
      const wal = await open(disk);
      expect(await recordsOf(wal)).toEqual(RECORDS);
    }
  });

  it("in the last write before a kill cuts that write, and no other", async () => {
    for (let at = last; at < seal; at++) {
      const disk = await diskWith(BATCHES, { closed: false });
      disk.file(FIRST).flipBit(at, at % 8);
      const wal = await open(disk);
      expect(await recordsOf(wal)).toEqual(BATCHES.slice(0, -1).flat());
      expect(wal.recovery).toMatchObject({ cutAt: { segment: segment(1), offset: last } });
    }
  });

  it("in a write that was followed by another before a kill is refused", async () => {
    for (let at = SEGMENT_HEADER; at < last; at++) {
      const disk = await diskWith(BATCHES, { closed: false });
      disk.file(FIRST).flipBit(at, at % 8);
      expect((await errorOf(open(disk))).code).toBe("damaged");
    }
  });

  it("in the last write before a kill is refused once that write was recovered", async () => {
    for (let at = last; at < seal; at++) {
      const disk = await diskWith(BATCHES, { closed: false });
      await open(disk);
      disk.kill();
      disk.file(FIRST).flipBit(at, at % 8);
      expect((await errorOf(open(disk))).code).toBe("damaged");
    }
  });

  it("in an earlier segment is refused, also in its last batch", async () => {
    const disk = await diskWith([["one"], ["two"]], { segmentBytes: 512, closed: false });
    const wal = await open(disk, { segmentBytes: 512 });
    await wal.append([new Uint8Array(500)]);
    await wal.close();
    const secondBatch = SEGMENT_HEADER + BATCH_HEADER + stored(3);
    disk.file(FIRST).flipBit(secondBatch + BATCH_HEADER + 8, 0);
    const error = await errorOf(open(disk));
    expect(error).toMatchObject({
      code: "damaged",
      segment: segment(1),
      offset: secondBatch + BATCH_HEADER,
    });
  });

  it("that happens while the log is open is found by read", async () => {
    const disk = await diskWith(BATCHES);
    const wal = await open(disk);
    disk.file(FIRST).flipBit(headers[1]! + BATCH_HEADER + 9, 3);
    await expect(recordsOf(wal)).rejects.toMatchObject({
      code: "damaged",
      segment: segment(1),
      offset: headers[1]! + BATCH_HEADER,
    });
  });
});

describe("a torn write", () => {
  const { headers, seal } = places();
  const last = headers.at(-1)!;

  it("cut at any byte is cut away; what came before stays", async () => {
    for (let at = last; at < seal; at++) {
      const disk = await diskWith(BATCHES, { closed: false });
      disk.file(FIRST).truncate(at);
      const wal = await open(disk);
      expect(await recordsOf(wal)).toEqual(BATCHES.slice(0, -1).flat());
      expect(wal.recovery.cutBytes).toBeLessThanOrEqual(at - last);
    }
  });

  it("zero-filled from any byte is cut away, and the log goes on behind it", async () => {
    for (let at = last; at < seal - 2; at++) {
      // the last two bytes are zero anyway
      const disk = await diskWith(BATCHES, { closed: false });
      disk.file(FIRST).write(new Uint8Array(seal - at), at);
      const wal = await open(disk);
      await wal.append([Buffer.from("new")]);
      await wal.close();
      const again = await open(disk);
      expect(again.recovery.cutBytes).toBe(0);
      expect(await recordsOf(again)).toEqual([...BATCHES.slice(0, -1).flat(), "new"]);
    }
  });

  it("of which later sectors survived and earlier ones did not is cut, not taken for damage", async () => {
    const large = [["kept"], ["x".repeat(600), "y".repeat(600), "z".repeat(600)]];
    const disk = await diskWith(large, { closed: false, segmentBytes: 8_192 });
    disk.file(FIRST).write(new Uint8Array(512), 512);
    const wal = await open(disk);
    expect(await recordsOf(wal)).toEqual(["kept"]);
    expect(wal.recovery.cutBytes).toBeGreaterThan(1_500);
  });

  it("whose record holds the bytes of another log is cut, not taken for damage", async () => {
    const other = await diskWith([["a"], ["b"], ["c"], ["d"]], { seed: 2 });
    const copy = Buffer.from(bytesOf(other, FIRST)).toString("latin1");
    const disk = await diskWith([["kept"]], { closed: false, segmentBytes: 8_192 });
    const wal = await open(disk, { segmentBytes: 8_192 });
    await wal.append([Buffer.from(copy, "latin1")]);
    disk.kill();
    disk.file(FIRST).flipBit(SEGMENT_HEADER + 2 * BATCH_HEADER + stored(4) + 48 + 8, 1);
    const again = await open(disk);
    expect(await recordsOf(again)).toEqual(["kept"]);
    expect(again.recovery.cutBytes).toBeGreaterThan(3 * (BATCH_HEADER + stored(1)));
  });
});

describe("files of a log", () => {
  const three = [["1".repeat(400)], ["2".repeat(400)], ["3".repeat(400)]];
  const small = { segmentBytes: 512 };

  it("a segment missing in the middle is refused by its name", async () => {
    const disk = await diskWith(three, small);
    await disk.remove(`/log/${segment(2)}`);
    const error = await errorOf(open(disk, small));
    expect(error).toMatchObject({ code: "damaged", segment: segment(2), offset: 0 });
  });

  it("a segment missing at the front is refused by its name", async () => {
    const disk = await diskWith(three, small);
    await disk.remove(FIRST);
    const error = await errorOf(open(disk, small));
    expect(error).toMatchObject({ code: "damaged", segment: segment(1), offset: 0 });
  });

  it("an older segment that came back after it was dropped is removed", async () => {
    const disk = await diskWith(three, small);
    const old = bytesOf(disk, FIRST);
    const wal = await open(disk, small);
    await wal.dropBefore(3);
    await wal.close();
    const file = await disk.open(FIRST, { create: "new" });
    await file.write(old, 0);
    const again = await open(disk, small);
    expect(again.recovery.removedFiles).toEqual([segment(1)]);
    expect(await recordsOf(again)).toEqual(three[2]);
  });

  it.each([0, 1, 63])("a segment of %i bytes is refused", async (bytes) => {
    const disk = await diskWith(three, small);
    disk.file(`/log/${segment(3)}`).truncate(bytes);
    const error = await errorOf(open(disk, small));
    expect(error).toMatchObject({ code: "damaged", segment: segment(3), offset: 0 });
  });

  it("a segment that lost its end is refused when another follows", async () => {
    const disk = await diskWith(three, small);
    disk.file(`/log/${segment(2)}`).truncate(SEGMENT_HEADER);
    const error = await errorOf(open(disk, small));
    expect(error).toMatchObject({ code: "damaged", segment: segment(2), offset: SEGMENT_HEADER });
  });

  it("a segment with the content of another is refused", async () => {
    const disk = await diskWith(three, small);
    disk.file(`/log/${segment(2)}`).write(bytesOf(disk, `/log/${segment(3)}`), 0);
    const error = await errorOf(open(disk, small));
    expect(error).toMatchObject({ code: "damaged", segment: segment(2), offset: 0 });
  });

  it("a format of a later version is refused by name, and left alone", async () => {
    const disk = await diskWith(three, small);
    const header = bytesOf(disk, FIRST).subarray(0, SEGMENT_HEADER);
    const view = new DataView(header.buffer, header.byteOffset);
    view.setUint32(8, 2, true);
    view.setUint32(12, crc32(header.subarray(16), crc32(header.subarray(0, 12))), true);
    disk.file(FIRST).write(header, 0);
    const before = await contentOf(disk);
    const error = await errorOf(open(disk, small));
    expect(error).toMatchObject({ code: "unsupported-version", segment: segment(1) });
    expect(await contentOf(disk)).toEqual(before);
  });

  it("a segment that a crash left half made is removed; other files are left alone", async () => {
    const disk = await diskWith(three, small);
    for (const name of ["4.wal.tmp", "notes.txt"]) {
      await disk.open(`/log/${name}`, { create: "new" });
    }
    const wal = await open(disk, small);
    expect(wal.recovery.removedFiles).toEqual(["4.wal.tmp"]);
    expect(await disk.list("/log")).toContain("notes.txt");
    expect(await recordsOf(wal)).toEqual(three.flat());
  });

  it("a half-made segment does not hide damage, nor is it removed then", async () => {
    const disk = await diskWith(three, small);
    await disk.open("/log/4.wal.tmp", { create: "new" });
    disk.file(FIRST).flipBit(100, 1);
    expect((await errorOf(open(disk, small))).code).toBe("damaged");
    expect(await disk.list("/log")).toContain("4.wal.tmp");
  });
});

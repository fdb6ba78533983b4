import { describe, expect, it } from "vitest";
import { int } from "../../src/codec/int.ts";
import { utf8 } from "../../src/codec/utf8.ts";
import { textLines } from "../../src/input/text-lines.ts";
import { defineJob } from "../../src/job/define-job.ts";
import { defineMapJob } from "../../src/job/define-map-job.ts";
import type { Job } from "../../src/job/job.ts";
import { textFiles } from "../../src/output/text-files.ts";
import { sum } from "../../src/table/folds.ts";
import { MemoryDisk } from "../../src/testing/index.ts";
import { putFile, runByHand, SMALL } from "./run-by-hand.ts";

const LINES = [`{"k":"a"}`, `{"k":`, `{"k":"b"}`, `{"k":"thrown"}`, `{"k":"a"}`];

/** Emits and counts before it looks at the record: what is set aside must take that back. */
function job(disk: MemoryDisk, isCombined = false): Job {
  return defineJob({
    name: "keys",
    input: textLines("/in", {}, { disk }),
    key: utf8,
    value: int,
    map(record, pairs, context) {
      pairs.emit("records", 1);
      context.count("records");
      const { k } = record.json() as { readonly k: string };
      pairs.emit(k, 1);
      if (k === "thrown") throw new RangeError("never heard of it");
    },
    ...(isCombined && { combine: sum }),
    reduce: (key, values, write) => {
      let total = 0;
      for (const value of values) total += value;
      write(`${key} ${total}`);
    },
    output: textFiles(),
  });
}

function diskWith(content: string | Uint8Array): MemoryDisk {
  const disk = new MemoryDisk();
  putFile(disk, "/in/a.txt", content);
  return disk;
}

const ONE = { ...SMALL, splitBytes: 1_000, partitions: 1 };

describe("a bad record", () => {
  it("fails the task with its file and offset, and the error as its cause", async () => {
    const disk = diskWith(LINES.join("\n"));
    await expect(runByHand(job(disk), disk, ONE)).rejects.toMatchObject({
      code: "bad-record",
      place: { file: "/in/a.txt", offset: 10 },
      cause: { name: "SyntaxError" },
    });
    const other = diskWith(LINES.slice(2).join("\n"));
    await expect(runByHand(job(other), other, ONE)).rejects.toMatchObject({
      code: "bad-record",
      message: expect.stringContaining("RangeError: never heard of it (/in/a.txt, byte 10)"),
      cause: { message: "never heard of it" },
    });
  });

  it.each([true, false])(
    "set aside, it leaves nothing behind (combine: %s)",
    async (isCombined) => {
      const disk = diskWith(LINES.join("\n"));
      const plan = { ...ONE, maxBadRecords: 2 };
      const { parts, maps } = await runByHand(job(disk, isCombined), disk, plan);
      expect(parts).toEqual([["a 2", "b 1", "records 3"]]);
      expect(maps[0]).toMatchObject({ counters: { records: 3 }, skipped: 2, recordsIn: 5 });
      expect(maps[0]!.badRecords).toMatchObject([
        {
          file: "/in/a.txt",
          offset: 10,
          text: `{"k":`,
          error: expect.stringContaining("not JSON"),
        },
        { offset: 26, text: `{"k":"thrown"}`, error: expect.stringContaining("RangeError") },
      ]);
    },
  );

  it("one more than the limit fails the task", async () => {
    const disk = diskWith(LINES.join("\n"));
    await expect(runByHand(job(disk), disk, { ...ONE, maxBadRecords: 1 })).rejects.toMatchObject({
      code: "bad-record",
      message: expect.stringContaining(
        "more than 1 bad records, the last one: map threw RangeError",
      ),
    });
  });

  it("that is not UTF-8 is told so, and kept by base64", async () => {
    const disk = diskWith(Uint8Array.of(0x22, 0xe9, 0x22, 0x0a, 0x31));
    await expect(runByHand(job(disk), disk, ONE)).rejects.toThrow(
      "it is not UTF-8 (/in/a.txt, byte 0)",
    );
    disk.remove("/scratch");
    const { maps } = await runByHand(textsOf(disk), disk, { ...ONE, maxBadRecords: 9 });
    expect(maps[0]!.badRecords).toMatchObject([{ offset: 0, base64: "Iuki" }]);
  });

  it("that is longer than maxRecordBytes is one, too", async () => {
    const disk = diskWith(`ab\n${"x".repeat(100)}\nc`);
    const plan = { ...ONE, maxRecordBytes: 50 };
    await expect(runByHand(textsOf(disk), disk, plan)).rejects.toMatchObject({
      code: "record-too-large",
      place: { offset: 3 },
    });
    disk.remove("/out");
    const { parts, maps } = await runByHand(textsOf(disk), disk, { ...plan, maxBadRecords: 1 });
    expect(parts).toEqual([["ab", "c"]]);
    expect(maps[0]).toMatchObject({ skipped: 1, recordsIn: 3, badRecords: [{ offset: 3 }] });
  });

  it("whose pair is larger than memory has room for is record-too-large, with its place", async () => {
    const disk = diskWith(`a\n${JSON.stringify({ k: "k".repeat(50_000) })}`);
    const plan = { ...ONE, maxBadRecords: 1 };
    const { maps } = await runByHand(job(disk), disk, { ...plan, maxBadRecords: 2 });
    expect(maps[0]!.badRecords?.[1]).toMatchObject({
      error: expect.stringContaining("pair of 50"),
    });
  });
});

function textsOf(disk: MemoryDisk): Job {
  return defineMapJob({
    name: "texts",
    input: textLines("/in", {}, { disk }),
    map: (record, write) => write(record.text()),
    output: textFiles(),
  });
}

describe("what is no fault of a record", () => {
  it("a full disk in a spill is no-space, also when the job's code catches what emit throws", async () => {
    const disk = diskWith(Array.from({ length: 3_000 }, (_, line) => `line ${line}`).join("\n"));
    const catching = defineJob({
      name: "catching",
      input: textLines("/in", {}, { disk }),
      key: utf8,
      value: utf8,
      map: (record, pairs) => {
        try {
          pairs.emit(record.text(), "");
        } catch {
          return;
        }
      },
      reduce: () => {},
      output: textFiles(),
    });
    disk.fail(
      ({ kind, path }) => kind === "append" && path.includes("/run-"),
      "no-space",
      Infinity,
    );
    const plan = { ...ONE, splitBytes: 1e6, maxBadRecords: 1_000_000 };
    await expect(runByHand(catching, disk, plan)).rejects.toMatchObject({
      code: "no-space",
      message: expect.stringContaining("choose another disk (by scratchFolder"),
    });
  });

  it("a partition that does not exist is the job's fault, not a record's", async () => {
    const disk = diskWith("a");
    const wrong = defineJob({
      name: "wrong",
      input: textLines("/in", {}, { disk }),
      key: utf8,
      value: utf8,
      partition: () => 7,
      map: (record, pairs) => pairs.emit(record.text(), ""),
      reduce: () => {},
      output: textFiles(),
    });
    const plan = { ...SMALL, maxBadRecords: 5 };
    await expect(runByHand(wrong, disk, plan)).rejects.toThrow("partition returned 7");
  });

  it("reduce that throws is told with its key", async () => {
    const disk = diskWith("some words");
    const throwing = defineJob({
      name: "throwing",
      input: textLines("/in", {}, { disk }),
      key: utf8,
      value: utf8,
      map: (record, pairs) => pairs.emit(record.text(), ""),
      reduce: () => {
        throw new TypeError("no");
      },
      output: textFiles(),
    });
    await expect(runByHand(throwing, disk, SMALL)).rejects.toThrow(
      `reduce threw for key "some words": TypeError: no`,
    );
  });
});

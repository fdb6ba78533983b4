import { gunzipSync } from "node:zlib";
import { execFileSync } from "node:child_process";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { csvOutput } from "../../src/output/csv-output.ts";
import type { Output } from "../../src/output/output.ts";
import { partitionedFolders } from "../../src/output/partitioned-folders.ts";
import { jsonLinesFiles, textFiles } from "../../src/output/text-files.ts";
import { MemoryDisk } from "../../src/testing/index.ts";

function bytesOf(disk: MemoryDisk, path: string): Buffer {
  const file = disk.open(path);
  const bytes = Buffer.alloc(file.size);
  file.read(bytes, 0);
  return bytes;
}

/** Writes `records` as part 7, crashes so that only what is durable stays, and reads its file. */
function written<R>(output: Output<R>, records: readonly R[], name: string): Buffer {
  const disk = new MemoryDisk();
  const writer = output.open({ disk, folder: "/", part: 7 });
  for (const record of records) writer.write(record);
  writer.close();
  disk.syncFolder("/");
  disk.crash();
  expect(disk.list("/")).toEqual([name]);
  return bytesOf(disk, name);
}

const text = fc.oneof(
  fc.string({ unit: "grapheme" }),
  fc.string({ unit: "binary-ascii" }),
  fc.nat(300_000).map((length) => "ö".repeat(length)),
);

describe("textFiles", () => {
  it("writes each record as a line, durable once closed, text and bytes of any size alike", () => {
    fc.assert(
      fc.property(fc.array(text, { maxLength: 20 }), (records) => {
        const expected = Buffer.from(records.map((record) => `${record}\n`).join(""));
        expect(written(textFiles(), records, "part-00007").equals(expected)).toBe(true);
        const asBytes = records.map((record) => Buffer.from(record));
        expect(written(textFiles(), asBytes, "part-00007").equals(expected)).toBe(true);
      }),
    );
  });

  it("packs with gzip in members, which gunzip of Node and of the system take as one", () => {
    const records = Array.from({ length: 300_000 }, (_, index) => `record ${index}`);
    const packed = written(textFiles({ gzip: true }), records, "part-00007.gz");
    const expected = Buffer.from(`${records.join("\n")}\n`);
    expect(gunzipSync(packed).equals(expected)).toBe(true);
    const options = { input: packed, maxBuffer: 1e8 };
    expect(execFileSync("gzip", ["-dc"], options).equals(expected)).toBe(true);
  });

  it("counts bytes before they are packed, and writes in few large pieces", () => {
    const disk = new MemoryDisk();
    const writer = textFiles({ gzip: true }).open({ disk, folder: "/", part: 0 });
    for (let index = 0; index < 100_000; index += 1) writer.write("0123456789");
    expect(writer.bytes).toBe(1_100_000);
    writer.close();
    expect(writer.bytes).toBe(1_100_000);
    expect(disk.operations).toBeLessThan(6);
  });

  it("a full disk is no-space, a failing one output-failed; abandon then closes quietly", () => {
    const disk = new MemoryDisk({ capacityBytes: 100 });
    const writer = textFiles().open({ disk, folder: "/", part: 0 });
    writer.write("x".repeat(100));
    expect(() => writer.close()).toThrow(expect.objectContaining({ code: "no-space" }));
    writer.abandon();
    const other = textFiles().open({ disk: new MemoryDisk(), folder: "/", part: 0 });
    other.close();
    expect(() => other.close()).toThrow(expect.objectContaining({ code: "output-failed" }));
  });
});

describe("jsonLinesFiles", () => {
  it("writes what JSON.parse reads, a line each", () => {
    fc.assert(
      fc.property(fc.array(fc.jsonValue()), (records) => {
        const lines = written(jsonLinesFiles(), records, "part-00007.jsonl").toString().split("\n");
        expect(lines.pop()).toBe("");
        expect(lines).toEqual(records.map((record) => JSON.stringify(record)));
      }),
    );
  });
});

describe("csvOutput", () => {
  const output = csvOutput<object>({ columns: ["a", "b c"] });

  it("writes a header and fields, quoted where they must be (RFC 4180)", () => {
    const records = [
      { a: 1, "b c": "plain", other: 1 },
      { a: "with, comma", "b c": 'and "quotes"' },
      ["line\nbreak", null],
      { a: false },
    ];
    expect(written(output, records, "part-00007.csv").toString()).toBe(
      'a,b c\n1,plain\n"with, comma","and ""quotes"""\n"line\nbreak",\nfalse,\n',
    );
  });

  it("an empty field alone in its line is quoted, so that no reader leaves it out", () => {
    const single = csvOutput<object>({ columns: ["a"], header: false });
    expect(written(single, [{ a: "" }, {}], "part-00007.csv").toString()).toBe('""\n""\n');
  });

  it("refuses records with more or fewer fields, and delimiters that cannot be one", () => {
    const writer = output.open({ disk: new MemoryDisk(), folder: "/", part: 0 });
    expect(() => writer.write([1])).toThrow("1 fields for 2 columns");
    for (const delimiter of ['"', "\n", "", ";;"]) {
      expect(() => csvOutput({ columns: ["a"], delimiter })).toThrow("delimiter must be");
    }
  });
});

describe("partitionedFolders", () => {
  interface Sale {
    readonly place: string | null;
    readonly year: number;
  }
  const byPlace = partitionedFolders<Sale>(({ place }) => ({ place }), jsonLinesFiles(), {
    maxOpenFiles: 2,
  });

  it("puts records into folders by their fields, names escaped as Hive does", () => {
    const disk = new MemoryDisk();
    const output = partitionedFolders<Sale>(({ place, year }) => ({ place, year }), placesAsText());
    const writer = output.open({ disk, folder: "/", part: 3 });
    for (const place of ["Ulm", "a/b=c", "..", null, "", "100%", "Köln am Rhein"]) {
      writer.write({ place, year: 2026 });
    }
    writer.close();
    expect(disk.list("/")).toEqual([
      "place=..",
      "place=100%25",
      "place=Köln am Rhein",
      "place=Ulm",
      "place=__HIVE_DEFAULT_PARTITION__",
      "place=a%2Fb%3Dc",
    ]);
    expect(bytesOf(disk, "/place=__HIVE_DEFAULT_PARTITION__/year=2026/part-00003").toString()).toBe(
      "null\n\n",
    );
  });

  it("has no more files open than it may; later records of a closed one make a further piece", () => {
    const open = new Set<string>();
    let most = 0;
    const disk = new MemoryDisk();
    const counted: Output<Sale> = {
      open: (target) => {
        const writer = jsonLinesFiles<Sale>().open(target);
        open.add(target.folder);
        most = Math.max(most, open.size);
        return {
          write: (record) => writer.write(record),
          get bytes() {
            return writer.bytes;
          },
          close: () => {
            open.delete(target.folder);
            writer.close();
          },
          abandon: () => writer.abandon(),
        };
      },
    };
    const output = partitionedFolders<Sale>(({ place }) => ({ place }), counted, {
      maxOpenFiles: 2,
    });
    const writer = output.open({ disk, folder: "/", part: 0 });
    let bytes = 0;
    for (const place of ["a", "b", "a", "c", "a", "b"]) {
      const record = { place, year: 1 };
      writer.write(record);
      bytes += JSON.stringify(record).length + 1;
    }
    expect(writer.bytes).toBe(bytes);
    writer.close();
    expect(writer.bytes).toBe(bytes);
    expect(most).toBe(2);
    expect(disk.list("/place=a")).toEqual(["part-00000.jsonl"]);
    expect(disk.list("/place=b")).toEqual(["part-00000-0001.jsonl", "part-00000.jsonl"]);
  });

  it("every record is in its folder, whatever their order", () => {
    const places = fc.array(fc.constantFrom("a", "b", "c", "d", "e"), { maxLength: 40 });
    fc.assert(
      fc.property(places, (order) => {
        const disk = new MemoryDisk();
        const writer = byPlace.open({ disk, folder: "/", part: 0 });
        for (const [year, place] of order.entries()) writer.write({ place, year });
        writer.close();
        const found = disk.list("/").flatMap((folder) =>
          disk
            .list(folder)
            .flatMap((name) => bytesOf(disk, `${folder}/${name}`).toString().trim().split("\n"))
            .map((line) => ({ folder, ...(JSON.parse(line) as Sale) })),
        );
        const expected = order.map((place, year) => ({ folder: `place=${place}`, place, year }));
        const byYear = (one: Sale, other: Sale): number => one.year - other.year;
        expect(found.sort(byYear)).toEqual(expected);
      }),
    );
  });
});

/** Only the places, as text. */
function placesAsText(): Output<{ readonly place: string | null }> {
  return {
    open: (target) => {
      const writer = textFiles().open(target);
      return {
        write: ({ place }) => writer.write(String(place)),
        bytes: 0,
        close: () => writer.close(),
        abandon: () => writer.abandon(),
      };
    },
  };
}

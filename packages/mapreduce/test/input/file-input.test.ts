import { execFileSync } from "node:child_process";
import * as zlib from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { csvFiles } from "../../src/input/csv-files.ts";
import { customInput } from "../../src/input/custom-input.ts";
import { fixedRecords } from "../../src/input/fixed-records.ts";
import type { Input, RecordBatch, Split } from "../../src/input/input.ts";
import { jsonLines, textLines } from "../../src/input/text-lines.ts";
import { MemoryDisk } from "../../src/testing/index.ts";

function diskWith(files: Readonly<Record<string, string | Uint8Array>>): MemoryDisk {
  const disk = new MemoryDisk();
  for (const [path, content] of Object.entries(files)) {
    disk.makeFolder(path.slice(0, path.lastIndexOf("/")));
    const file = disk.create(path);
    file.append(Buffer.from(content));
    file.close();
  }
  return disk;
}

function textsOf({ bytes, starts, ends, count }: RecordBatch): string[] {
  return Array.from({ length: count }, (_, index) =>
    Buffer.from(bytes.subarray(starts[index], ends[index])).toString(),
  );
}

async function readSplit(input: Input, split: Split, maxRecordBytes = 1e6): Promise<string[]> {
  const records: string[] = [];
  for await (const batch of input.read(split, { maxRecordBytes })) records.push(...textsOf(batch));
  return records;
}

async function readAll(input: Input, splitBytes = 1e6): Promise<string[]> {
  const splits = await input.splits({ splitBytes });
  return (await Promise.all(splits.map((split) => readSplit(input, split)))).flat();
}

const filesOf = async (input: Input): Promise<string[]> =>
  (await input.splits({ splitBytes: 1e6 })).map(({ file }) => file);

describe("paths of inputs", () => {
  const disk = diskWith({
    "/logs/b.log": "b",
    "/logs/a.log": "a",
    "/logs/deep/c.log": "c",
    "/logs/deep/d.txt": "d",
    "/logs/_SUCCESS": "{}",
    "/logs/.hidden/e.log": "e",
    "/logs/[odd].log": "odd",
    "/empty/_SUCCESS": "{}",
  });
  const lines = (paths: string | string[]): Input => textLines(paths, {}, { disk });

  it("a folder stands for the files in it and below, sorted, but for _ and . names", async () => {
    expect(await filesOf(lines("/logs"))).toEqual([
      "/logs/[odd].log",
      "/logs/a.log",
      "/logs/b.log",
      "/logs/deep/c.log",
      "/logs/deep/d.txt",
    ]);
  });

  it("globs match below their base; a name that is there is meant as it stands", async () => {
    expect(await filesOf(lines("/logs/*.log"))).toEqual([
      "/logs/[odd].log",
      "/logs/a.log",
      "/logs/b.log",
    ]);
    expect(await filesOf(lines("/logs/**/{c,d}.*"))).toEqual([
      "/logs/deep/c.log",
      "/logs/deep/d.txt",
    ]);
    expect(await filesOf(lines(["/logs/[odd].log", "/logs/[ab].log"]))).toEqual([
      "/logs/[odd].log",
      "/logs/a.log",
      "/logs/b.log",
    ]);
  });

  it("standard input is one split that can be read once", async () => {
    expect(await lines("-").splits({ splitBytes: 1 })).toEqual([
      { file: "-", start: 0, end: null, once: true },
    ]);
  });

  it.each([
    ["/logs/none.log", "cannot read /logs/none.log: there is no such file or folder"],
    ["/none/*.log", "cannot read /none/*.log: there is no such file or folder"],
    ["/logs/*.csv", "no file matches /logs/*.csv; check the pattern"],
    ["/empty", "the folder /empty has no files to read"],
  ])("says what is wrong with %s", async (path, message) => {
    const splitting = lines(path).splits({ splitBytes: 1e6 });
    await expect(splitting).rejects.toMatchObject({
      code: "invalid-input",
      message: expect.stringContaining(message),
    });
  });

  it.each(["list", "open"])("says what to do when it may not %s", async (kind) => {
    const forbidding = diskWith({ "/logs/a.log": "a" });
    forbidding.fail((operation) => operation.kind === kind, "not-permitted");
    await expect(
      textLines("/logs", {}, { disk: forbidding }).splits({ splitBytes: 1 }),
    ).rejects.toMatchObject({
      code: "invalid-input",
      message: expect.stringMatching(/cannot read \/logs.*: this process may not read it/),
    });
  });

  it("what an interrupted job left half replaced is put right before it is read", async () => {
    const half = diskWith({
      "/.out.new.old/part-00000": "old",
      "/.out.new.new/part-00000": "new",
      "/.out.new.new/_SUCCESS": '{"job":"new"}',
      "/.out.replacing": '{"job":"new"}',
    });
    expect(await readAll(textLines("/out", {}, { disk: half }))).toEqual(["new"]);
    expect(half.list("/")).toEqual(["out"]);
  });

  it("refuses an input without paths", () => {
    expect(() => lines([])).toThrow(expect.objectContaining({ code: "invalid-job" }));
  });
});

describe("splits of files", () => {
  it("cover a file in order, and cut off no rest smaller than a tenth", async () => {
    const disk = diskWith({ "/a": "x".repeat(211), "/b": "", "/c": "x".repeat(109) });
    const splits = await textLines(["/a", "/b", "/c"], {}, { disk }).splits({ splitBytes: 100 });
    expect(splits).toEqual([
      { file: "/a", start: 0, end: 100 },
      { file: "/a", start: 100, end: 200 },
      { file: "/a", start: 200, end: 211 },
      { file: "/c", start: 0, end: 109 },
    ]);
  });

  it("a file that vanishes before it is read is told by its name", async () => {
    const disk = diskWith({ "/a": "a" });
    const input = textLines("/a", {}, { disk });
    const [split] = await input.splits({ splitBytes: 1 });
    disk.remove("/a");
    await expect(readSplit(input, split!)).rejects.toMatchObject({
      code: "invalid-input",
      place: { file: "/a", offset: 0 },
    });
  });
});

describe("jsonLines", () => {
  it("leaves out empty lines", async () => {
    const disk = diskWith({ "/a": '\ufeff{"a":1}\r\n\r\n\n[2]\n' });
    expect(await readAll(jsonLines("/a", {}, { disk }))).toEqual(['{"a":1}', "[2]"]);
  });
});

describe("packed files", () => {
  const text = Array.from({ length: 50_000 }, (_, index) => `line ${index} ${index ** 2 % 977}`);
  const plain = Buffer.from(`${text.join("\n")}\n`);
  const zstd = (input: Uint8Array): Buffer => {
    return execFileSync("zstd", ["-c"], { input, maxBuffer: 1e8 });
  };
  const isThere = (() => {
    try {
      execFileSync("zstd", ["--version"]);
      return true;
    } catch {
      console.log("zstd left out: there is no zstd to pack with (apt-get install zstd)");
      return false;
    }
  })();
  const packings: [string, string, (input: Uint8Array) => Buffer][] = [
    ["gzip", ".gz", (input) => zlib.gzipSync(input)],
    ...(isThere ? [["zstd", ".zst", zstd] satisfies [string, string, typeof zstd]] : []),
  ];

  describe.each(packings)("%s", (_, extension, pack) => {
    it("is read as one split, known by its name or its first bytes", async () => {
      const disk = diskWith({ [`/a${extension}`]: pack(plain), "/b": pack(plain) });
      const input = textLines([`/a${extension}`, "/b"], {}, { disk });
      const splits = await input.splits({ splitBytes: 1_000 });
      expect(splits.map(({ file, end }) => [file, end])).toEqual([
        [`/a${extension}`, null],
        ["/b", null],
      ]);
      expect(await readAll(input)).toEqual([...text, ...text]);
    });

    it("may be several packed files one after the other", async () => {
      const half = plain.length >> 1;
      const parts = [plain.subarray(0, half), plain.subarray(half)].map((part) => pack(part));
      const disk = diskWith({ "/a": Buffer.concat(parts) });
      expect(await readAll(textLines("/a", {}, { disk }))).toEqual(text);
    });

    it("cut off, wherever, or not packed at all, it is an invalid-input with its place", async () => {
      const packed = pack(plain);
      for (const length of [0, 3, 10, packed.length >> 1, packed.length - 9, packed.length - 1]) {
        const disk = diskWith({ [`/a${extension}`]: packed.subarray(0, length) });
        await expect(readAll(textLines(`/a${extension}`, {}, { disk }))).rejects.toMatchObject({
          code: "invalid-input",
          message: expect.stringContaining("cut off or damaged"),
          place: { file: `/a${extension}` },
        });
      }
      const disk = diskWith({ [`/a${extension}`]: "not packed at all\n" });
      await expect(readAll(textLines(`/a${extension}`, {}, { disk }))).rejects.toMatchObject({
        code: "invalid-input",
        place: { file: `/a${extension}`, offset: 0 },
      });
    });

    it("damaged in one bit, it is an invalid-input", async ({ skip }) => {
      skip(
        extension === ".zst" && !("createZstdDecompress" in zlib),
        "zstd of this Node is JavaScript, which does not look at checksums",
      );
      const packed = pack(plain);
      const bits = Array.from({ length: 16 }, (__, index) =>
        Math.floor((packed.length * index) / 16),
      );
      for (const at of bits) {
        const damaged = Buffer.from(packed);
        damaged[at + 20] = (damaged[at + 20] ?? 0) ^ 4;
        const disk = diskWith({ [`/a${extension}`]: damaged });
        await expect(readAll(textLines(`/a${extension}`, {}, { disk }))).rejects.toMatchObject({
          code: "invalid-input",
        });
      }
    });
  });

  it("a reader that stops early closes the file", async () => {
    const disk = diskWith({ "/a.gz": zlib.gzipSync(plain) });
    const input = textLines("/a.gz", {}, { disk });
    const [split] = await input.splits({ splitBytes: 1 });
    for await (const batch of input.read(split!, { maxRecordBytes: 100 })) {
      expect(batch.count).toBeGreaterThan(0);
      break;
    }
  });
});

describe("fixedRecords", () => {
  it("gives each record once, whatever the size of splits; begins none within one", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 9 }),
        fc.nat(50),
        fc.integer({ min: 1, max: 60 }),
        async (recordBytes, count, splitBytes) => {
          const records = Array.from({ length: count }, (_, index) =>
            String(index).padStart(recordBytes, "0").slice(-recordBytes),
          );
          const disk = diskWith({ "/a": records.join("") });
          const input = fixedRecords("/a", { recordBytes }, { disk });
          expect(await readAll(input, splitBytes)).toEqual(records);
        },
      ),
    );
  });

  it("a file that ends within a record is an invalid-input, at that record", async () => {
    const disk = diskWith({ "/a": "aaabbbcc" });
    await expect(readAll(fixedRecords("/a", { recordBytes: 3 }, { disk }))).rejects.toMatchObject({
      code: "invalid-input",
      place: { file: "/a", offset: 6 },
    });
  });

  it("bytes that look packed are records all the same; a name that says so is believed", async () => {
    const packed = zlib.gzipSync("abcdef");
    const disk = diskWith({ "/a": packed, "/b.gz": packed });
    const [found] = await readAll(fixedRecords("/a", { recordBytes: packed.length }, { disk }));
    expect(found).toBe(packed.toString());
    expect(await readAll(fixedRecords("/b.gz", { recordBytes: 2 }, { disk }))).toEqual([
      "ab",
      "cd",
      "ef",
    ]);
  });

  it.each([0, 1.5, -1, 1e9])("refuses records of %s bytes", (recordBytes) => {
    expect(() => fixedRecords("/a", { recordBytes })).toThrow("recordBytes must be a whole number");
  });
});

describe("csvFiles", () => {
  async function fieldsOf(input: Input, splitBytes: number): Promise<(readonly string[])[]> {
    const found: (readonly string[])[] = [];
    for (const split of await input.splits({ splitBytes })) {
      for await (const batch of input.read(split, { maxRecordBytes: 1_000 })) {
        for (const text of textsOf(batch)) {
          found.push(batch.csv?.columns ?? [], batch.csv?.fields(text) ?? []);
        }
      }
    }
    return found;
  }

  it("names the columns in every split, and takes the header as a record in none", async () => {
    const text = '\ufeff\r\nid,"full name"\r\n1,Ada\r\n2,"Hopper, Grace"\r\n\r\n3,"say ""hi"""\r\n';
    const disk = diskWith({ "/a.csv": text });
    for (let splitBytes = 1; splitBytes <= text.length; splitBytes += 1) {
      const found = await fieldsOf(csvFiles("/a.csv", {}, { disk }), splitBytes);
      const columns = ["id", "full name"];
      const records = [
        ["1", "Ada"],
        ["2", "Hopper, Grace"],
        ["3", 'say "hi"'],
      ];
      expect(found).toEqual(records.flatMap((record) => [columns, record]));
    }
  });

  it("multiline: fields hold newlines, and a file is one split", async () => {
    const disk = diskWith({ "/a.csv": 'a;b\n"one\ntwo";3\n"\r\n";4\n' });
    const options = { multiline: true, delimiter: ";" };
    const input = csvFiles("/a.csv", options, { disk });
    expect(await input.splits({ splitBytes: 1 })).toEqual([{ file: "/a.csv", start: 0, end: 23 }]);
    const columns = ["a", "b"];
    expect(await fieldsOf(input, 1)).toEqual([columns, ["one\ntwo", "3"], columns, ["\r\n", "4"]]);
  });

  it("without a header every line is a record", async () => {
    const disk = diskWith({ "/a.csv": "1,2\n3,4\n" });
    const found = await fieldsOf(csvFiles("/a.csv", { header: false }, { disk }), 3);
    expect(found).toEqual([[], ["1", "2"], [], ["3", "4"]]);
  });

  it("a field that is not closed is an error of its record, in a header of the input", async () => {
    const disk = diskWith({ "/a.csv": 'a\n"1\n', "/b.csv": '"a\n1\n' });
    await expect(fieldsOf(csvFiles("/a.csv", {}, { disk }), 99)).rejects.toThrow("unterminated");
    await expect(fieldsOf(csvFiles("/b.csv", {}, { disk }), 99)).rejects.toMatchObject({
      code: "invalid-input",
      place: { file: "/b.csv", offset: 0 },
    });
  });

  it("packed files have headers, too; a header that is too long is never skipped", async () => {
    const disk = diskWith({
      "/a.csv.gz": zlib.gzipSync("x,y\n1,2\n"),
      "/b.csv": `${"x".repeat(50)}\n1\n`,
    });
    expect(await fieldsOf(csvFiles("/a.csv.gz", {}, { disk }), 99)).toEqual([
      ["x", "y"],
      ["1", "2"],
    ]);
    const input = csvFiles("/b.csv", {}, { disk });
    const options = { maxRecordBytes: 10, onTooLarge: () => undefined };
    for (const split of await input.splits({ splitBytes: 40 })) {
      const reading = (async () => {
        for await (const batch of input.read(split, options)) expect(batch.count).toBe(0);
      })();
      await expect(reading).rejects.toMatchObject({ code: "record-too-large" });
    }
  });
});

describe("customInput", () => {
  const split = { file: "table", start: 0, end: null };
  const inputOf = (records: Iterable<string | Uint8Array>): Input =>
    customInput({
      splits: () => [split],
      // eslint-disable-next-line typescript/require-await
      read: async function* () {
        yield* records;
      },
    });

  it("makes batches of strings and bytes, however many or large", async () => {
    const records = fc.array(
      fc.oneof(
        fc.string({ unit: "grapheme" }),
        fc.nat(2_000_000).map((length) => "y".repeat(length)),
      ),
      { maxLength: 20 },
    );
    await fc.assert(
      fc.asyncProperty(records, async (texts) => {
        const input = inputOf(texts.map((text, index) => (index % 2 ? Buffer.from(text) : text)));
        expect((await readSplit(input, split, 1e8)).join("|") === texts.join("|")).toBe(true);
      }),
      { numRuns: 30 },
    );
    expect(await readSplit(inputOf(Array(70_000).fill("a")), split)).toHaveLength(70_000);
  });

  it("a record that is too large is told by its place, or skipped without moving the others'", async () => {
    const input = inputOf(["ab", "too large", "cd"]);
    const place = { file: "table", offset: 2 };
    await expect(readSplit(input, split, 5)).rejects.toMatchObject({
      code: "record-too-large",
      place,
    });
    const skipped: number[][] = [];
    const places: number[] = [];
    const options = {
      maxRecordBytes: 5,
      onTooLarge: (offset: number, bytes: number) => void skipped.push([offset, bytes]),
    };
    for await (const batch of input.read(split, options))
      places.push(batch.offset + batch.starts[0]!);
    expect(skipped).toEqual([[2, 9]]);
    expect(places).toEqual([0, 11]);
  });

  it("what the reader throws is an invalid-input with its cause", async () => {
    const cause = new Error("the table is gone");
    const input = customInput({
      splits: () => Promise.reject(cause),
      read: () => {
        throw cause;
      },
    });
    await expect(input.splits({ splitBytes: 1 })).rejects.toMatchObject({
      code: "invalid-input",
      cause,
    });
    await expect(readSplit(input, split)).rejects.toMatchObject({ code: "invalid-input", cause });
  });
});

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { descending } from "../../src/codec/descending.ts";
import { float64 } from "../../src/codec/float64.ts";
import { csvFiles } from "../../src/input/csv-files.ts";
import { jsonLines, textLines } from "../../src/input/text-lines.ts";
import type { Input } from "../../src/input/input.ts";
import {
  averageByKey,
  distinct,
  grep,
  invertedIndex,
  join,
  sortRecords,
  sortRecordsBy,
  topK,
  wordCount,
} from "../../src/jobs/index.ts";
import type { InputRecord } from "../../src/job/input-record.ts";
import type { Job } from "../../src/job/job.ts";
import { MemoryDisk } from "../../src/testing/index.ts";
import { runInMemory, type Sizes } from "./run-in-memory.ts";

const MIB = 1_024 * 1_024;

/** Any number of splits and parts, and memory so little that tasks spill now and then. */
const anySizes: fc.Arbitrary<Sizes> = fc.record({
  splitBytes: fc.integer({ min: 20, max: 2_000 }),
  partitions: fc.integer({ min: 1, max: 4 }),
  memoryBytes: fc.constantFrom(MIB, 4 * MIB),
});

const word = fc.constantFrom("the", "of", "Öl", "a", "in\tand", "wörd", "x".repeat(70), "42", "🎈");
const line = fc.array(word, { maxLength: 8 }).map((words) => words.join(" "));
const text = fc.array(line, { maxLength: 60 });

/** The lines of all parts of the output, one after the other. */
async function outputOf(
  files: Readonly<Record<string, string>>,
  jobOf: (disk: MemoryDisk) => Job,
  sizes: Sizes,
): Promise<string[]> {
  const disk = new MemoryDisk();
  for (const [name, content] of Object.entries(files)) {
    const file = disk.create(`/${name}`);
    file.append(Buffer.from(content));
    file.close();
  }
  await runInMemory(disk, jobOf(disk), sizes);
  const parts = disk.list("/out").filter((name) => name.startsWith("part-"));
  return parts.flatMap((name) => {
    const file = disk.open(`/out/${name}`);
    const bytes = Buffer.alloc(file.size);
    file.read(bytes, 0);
    return bytes.toString().split("\n").slice(0, -1);
  });
}

const file = (disk: MemoryDisk, name = "a"): Input => textLines(`/${name}`, {}, { disk });
const joined = (lines: readonly string[]): string => lines.map((one) => `${one}\n`).join("");
const parsed = (lines: readonly string[]): unknown[] => lines.map((one) => JSON.parse(one));
const byBytes = (one: string, other: string): number =>
  Buffer.compare(Buffer.from(one), Buffer.from(other));

describe("built-in jobs give what a naive program does, whatever the splits, parts and memory", () => {
  it("wordCount", async () => {
    await fc.assert(
      fc.asyncProperty(text, anySizes, async (lines, sizes) => {
        const counts = new Map<string, number>();
        for (const one of lines.join(" ").split(/[\t ]+/)) {
          if (one !== "") counts.set(one, (counts.get(one) ?? 0) + 1);
        }
        const found = await outputOf(
          { a: joined(lines) },
          (disk) => wordCount({ input: file(disk) }),
          sizes,
        );
        expect(found.sort()).toEqual([...counts].map(([key, count]) => `${key}\t${count}`).sort());
      }),
    );
  });

  it("grep, for text and regular expressions, in the input's order", async () => {
    const patterns = fc.constantFrom("Öl", "the of", /^a .*\d$/, /the/gy, /ÖL/i);
    await fc.assert(
      fc.asyncProperty(
        text,
        anySizes,
        patterns,
        fc.boolean(),
        async (lines, sizes, pattern, invert) => {
          const regexp = typeof pattern === "string" ? new RegExp(pattern) : pattern;
          const plain = new RegExp(regexp.source, regexp.flags.replace(/[gy]/g, ""));
          const found = await outputOf(
            { a: joined(lines) },
            (disk) => grep({ input: file(disk), pattern, invert }),
            sizes,
          );
          expect(found).toEqual(lines.filter((one) => plain.test(one) !== invert));
        },
      ),
    );
  });

  it("invertedIndex", async () => {
    await fc.assert(
      fc.asyncProperty(text, text, anySizes, async (one, other, sizes) => {
        const index = new Map<string, Set<string>>();
        for (const [name, lines] of Object.entries({ "/a": one, "/b": other })) {
          for (const found of lines
            .join(" ")
            .toLowerCase()
            .match(/[\p{L}\p{N}]+/gu) ?? []) {
            index.set(found, (index.get(found) ?? new Set()).add(name));
          }
        }
        const found = await outputOf(
          { a: joined(one), b: joined(other) },
          (disk) => invertedIndex({ input: textLines(["/b", "/a"], {}, { disk }) }),
          sizes,
        );
        const expected = [...index].map(([key, names]) =>
          JSON.stringify({ word: key, documents: [...names].sort() }),
        );
        expect(found.sort()).toEqual(expected.sort());
      }),
    );
  });

  it("sortRecords: one order through all parts, equal records as often as they are", async () => {
    const ranges = fc.subarray(
      ["", "a", "the", "\u{1f388}"].map((key) => Buffer.from(key).toString("base64")),
    );
    await fc.assert(
      fc.asyncProperty(text, anySizes, ranges, async (lines, sizes, first) => {
        const found = await outputOf(
          { a: joined(lines) },
          (disk) => sortRecords({ input: file(disk) }),
          { ...sizes, partitions: first.length + 1, ranges: first },
        );
        expect(found).toEqual([...lines].sort(byBytes));
      }),
    );
  });

  it("sortRecordsBy: equal ones stay in the order of the input", async () => {
    await fc.assert(
      fc.asyncProperty(text, anySizes, async (lines, sizes) => {
        const found = await outputOf(
          { a: joined(lines) },
          (disk) =>
            sortRecordsBy({
              input: file(disk),
              by: (record) => record.text().length,
              codec: descending(float64),
            }),
          { ...sizes, partitions: 1 },
        );
        expect(found).toEqual([...lines].sort((one, other) => other.length - one.length));
      }),
    );
  });

  it("topK", async () => {
    await fc.assert(
      fc.asyncProperty(text, anySizes, fc.integer({ min: 1, max: 9 }), async (lines, sizes, k) => {
        const score = (one: string): number | undefined => (one === "" ? undefined : one.length);
        const found = await outputOf(
          { a: joined(lines) },
          (disk) => topK({ input: file(disk), k, score: (record) => score(record.text()) }),
          sizes,
        );
        const ranked = lines
          .filter((one) => one !== "")
          .map((one) => ({ score: one.length, text: one }))
          .sort((one, other) => other.score - one.score || (one.text < other.text ? -1 : 1));
        expect(parsed(found)).toEqual(ranked.slice(0, k));
      }),
    );
  });

  it("distinct", async () => {
    await fc.assert(
      fc.asyncProperty(text, anySizes, async (lines, sizes) => {
        const found = await outputOf(
          { a: joined(lines) },
          (disk) => distinct({ input: file(disk) }),
          sizes,
        );
        expect(found.sort()).toEqual([...new Set(lines)].sort());
      }),
    );
  });

  it("join, of all four kinds", async () => {
    const id = fc.constantFrom("1", "2", "3", "4", "");
    const row = fc.record({ id, name: word });
    const kinds = fc.constantFrom("inner", "left", "right", "outer");
    await fc.assert(
      fc.asyncProperty(
        fc.array(row),
        fc.array(row),
        kinds,
        anySizes,
        async (one, other, kind, sizes) => {
          const side = (disk: MemoryDisk, name: string) => ({
            input: jsonLines(`/${name}`, {}, { disk }),
            key: (record: InputRecord) => (record.json() as { id: string }).id || undefined,
            value: (record: InputRecord) => (record.json() as { name: string }).name,
          });
          const found = await outputOf(
            {
              a: joined(one.map((each) => JSON.stringify(each))),
              b: joined(other.map((each) => JSON.stringify(each))),
            },
            (disk) => join({ left: side(disk, "a"), right: side(disk, "b"), kind }),
            sizes,
          );
          const expected: unknown[] = [];
          for (const key of ["1", "2", "3", "4"]) {
            const lefts = one.filter((each) => each.id === key).map((each) => each.name);
            const rights = other.filter((each) => each.id === key).map((each) => each.name);
            const isOuter = (kept: string): boolean => kind === kept || kind === "outer";
            const leftNames = lefts.length > 0 ? lefts : isOuter("right") ? [null] : [];
            const rightNames = rights.length > 0 ? rights : isOuter("left") ? [null] : [];
            for (const left of leftNames) {
              for (const right of rightNames) {
                if (left !== null || right !== null) expected.push({ key, left, right });
              }
            }
          }
          const asText = (values: unknown[]): string[] =>
            values.map((each) => JSON.stringify(each)).sort();
          expect(asText(parsed(found))).toEqual(asText(expected));
        },
      ),
    );
  });

  it("averageByKey, of a column of CSV", async () => {
    const row = fc.record({ name: fc.constantFrom("a", "b,c", 'd"'), price: fc.integer() });
    await fc.assert(
      fc.asyncProperty(fc.array(row), anySizes, async (rows, sizes) => {
        const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;
        const csv = joined([
          "price,name",
          ...rows.map(({ name, price }) => `${price},${quoted(name)}`),
        ]);
        const found = await outputOf(
          { a: csv },
          (disk) =>
            averageByKey({
              input: csvFiles("/a", {}, { disk }),
              key: (record) => record.field("name"),
              value: (record) => Number(record.field("price")),
            }),
          sizes,
        );
        const expected = [...new Set(rows.map(({ name }) => name))].sort().map((key) => {
          const prices = rows.filter(({ name }) => name === key).map(({ price }) => price);
          const sum = prices.reduce((total, price) => total + price, 0);
          return { key, average: sum / prices.length, count: prices.length };
        });
        const byKey = (one: unknown, other: unknown): number =>
          (one as { key: string }).key < (other as { key: string }).key ? -1 : 1;
        expect(parsed(found).sort(byKey)).toEqual(expected);
      }),
    );
  });
});

describe("options of built-in jobs", () => {
  const input = textLines("/none");

  it("are checked before anything runs", () => {
    const invalid = expect.objectContaining({ code: "invalid-job" });
    expect(() => grep({ input, pattern: "" })).toThrow(invalid);
    for (const k of [0, 1.5, 10_001]) {
      expect(() => topK({ input, k, score: () => 1 })).toThrow(invalid);
    }
  });

  it("a score that is no number is a bad record, with its place", async () => {
    const sizes = { splitBytes: 100, partitions: 1, memoryBytes: MIB };
    const running = outputOf(
      { a: "fine\nbad\n" },
      (disk) =>
        topK({
          input: file(disk),
          k: 1,
          score: (record) => (record.text() === "bad" ? Number.NaN : 1),
        }),
      sizes,
    );
    await expect(running).rejects.toMatchObject({
      code: "bad-record",
      place: { file: "/a", offset: 5 },
    });
  });
});

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ByteSink } from "../../src/codec/byte-sink.ts";
import { descending } from "../../src/codec/descending.ts";
import { float64 } from "../../src/codec/float64.ts";
import { int } from "../../src/codec/int.ts";
import { json } from "../../src/codec/json.ts";
import { utf8 } from "../../src/codec/utf8.ts";
import { textLines } from "../../src/input/text-lines.ts";
import { rangesOf } from "../../src/job/by-ranges.ts";
import { byRanges } from "../../src/job/by-ranges.ts";
import { defineJob } from "../../src/job/define-job.ts";
import { defineMapJob } from "../../src/job/define-map-job.ts";
import type { Job } from "../../src/job/job.ts";
import { sortBy } from "../../src/job/sort-by.ts";
import { textFiles } from "../../src/output/text-files.ts";
import { sum } from "../../src/table/folds.ts";
import { MemoryDisk } from "../../src/testing/index.ts";
import { linesOf, type Plan, putFile, runByHand, SMALL } from "./run-by-hand.ts";

const WORDS = ["a", "b", "ab", "é", "z\u{10000}", "the", "of", "a-rather-long-word"];
const corpora = fc.array(
  fc.array(fc.oneof(fc.constantFrom(...WORDS), fc.stringMatching(/^[a-f]{1,3}$/)), {
    maxLength: 8,
  }),
  { maxLength: 60 },
);
const plans: fc.Arbitrary<Plan> = fc
  .record({
    splitBytes: fc.integer({ min: 1, max: 2_000 }),
    partitions: fc.integer({ min: 1, max: 5 }),
    memoryBytes: fc.constantFrom(1, 20_000, 10_000_000),
    compressSpills: fc.boolean(),
    seed: fc.integer(),
  })
  .map(({ seed, ...plan }) => ({ ...plan, order: (tasks) => shuffledBy(seed, tasks) }));

function shuffledBy(seed: number, count: number): number[] {
  const order = Array.from({ length: count }, (_, index) => index);
  return order.sort((a, b) => Math.imul(seed ^ a, 0x9e3779b1) - Math.imul(seed ^ b, 0x9e3779b1));
}

function wordCount(disk: MemoryDisk, isCombined: boolean): Job {
  return defineJob({
    name: "words",
    input: textLines("/in", {}, { disk }),
    key: utf8,
    value: float64,
    map(record, pairs, context) {
      for (const word of record.text().split(" ")) {
        if (word === "") continue;
        pairs.emit(word, 1);
        context.count("words");
      }
    },
    ...(isCombined && { combine: sum }),
    reduce(word, counts, write) {
      let total = 0;
      for (const count of counts) total += count;
      write(`${word} ${total}`);
    },
    output: textFiles(),
  });
}

function textOf(corpus: readonly (readonly string[])[]): string {
  return corpus.map((words) => `${words.join(" ")}\n`).join("");
}

describe("a job gives what the same thing done in memory gives: any splits, partitions, memory, order of tasks", () => {
  it("counting words, with and without combine", async () => {
    await fc.assert(
      fc.asyncProperty(corpora, plans, fc.boolean(), async (corpus, plan, isCombined) => {
        const disk = new MemoryDisk();
        putFile(disk, "/in/a.txt", textOf(corpus));
        putFile(disk, "/in/b.txt", textOf(corpus.slice(0, 3)));
        const { parts, maps } = await runByHand(wordCount(disk, isCombined), disk, plan);
        const words = [...corpus, ...corpus.slice(0, 3)].flat();
        const counts = new Map<string, number>();
        for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
        const expected = [...counts].map(([word, count]) => `${word} ${count}`);
        expect(parts.flat().sort()).toEqual(expected.sort());
        for (const part of parts) {
          const keys = part.map((line) => Buffer.from(line.slice(0, line.lastIndexOf(" "))));
          expect(keys).toEqual([...keys].sort((left, right) => Buffer.compare(left, right)));
        }
        const counted = maps.map(({ counters }) => counters["words"] ?? 0);
        expect(counted.reduce(sum, 0)).toBe(words.length);
      }),
      { numRuns: 150 },
    );
  });

  it("one memory's output is another memory's, byte by byte", async () => {
    const disk = new MemoryDisk();
    const corpus = Array.from({ length: 500 }, (_, line) => [`word-${(line * 7) % 300}`, "the"]);
    putFile(disk, "/in/a.txt", textOf(corpus));
    const roomy = { ...SMALL, memoryBytes: 10_000_000, splitBytes: 4_000 };
    const { parts, maps } = await runByHand(wordCount(disk, false), disk, roomy);
    expect(maps.every(({ spills }) => spills === 1)).toBe(true);
    disk.remove("/out");
    disk.remove("/scratch");
    const tight = await runByHand(wordCount(disk, false), disk, { ...roomy, memoryBytes: 1 });
    expect(tight.maps.some(({ spills }) => spills > 1)).toBe(true);
    expect(tight.parts).toEqual(parts);
  });

  it("secondary sort: reduce gets a key's values by what sortBy says, equal ones in input order", async () => {
    interface Visit {
      readonly who: string;
      readonly at: number;
      readonly line: number;
    }
    const visits = fc.array(
      fc.record({
        who: fc.constantFrom("ann", "bo", "b", ""),
        at: fc.integer({ min: -3, max: 3 }),
      }),
      { maxLength: 120 },
    );
    await fc.assert(
      fc.asyncProperty(visits, plans, fc.boolean(), async (some, plan, isDescending) => {
        const disk = new MemoryDisk();
        const all = some.map((visit, line): Visit => ({ ...visit, line }));
        putFile(disk, "/in/a.txt", all.map((visit) => `${JSON.stringify(visit)}\n`).join(""));
        const job = defineJob({
          name: "visits",
          input: textLines("/in", {}, { disk }),
          key: utf8,
          value: json<Visit>(),
          map: (record, pairs) => {
            const visit = record.json() as Visit;
            pairs.emit(visit.who, visit);
          },
          sort: sortBy((visit: Visit) => visit.at, isDescending ? descending(int) : int),
          reduce: (who, values, write) => {
            write(`${who}:${[...values].map(({ at, line }) => `${at}/${line}`).join(" ")}`);
          },
          output: textFiles(),
        });
        const { parts } = await runByHand(job, disk, plan);
        const expected = [...new Set(all.map(({ who }) => who))].map((who) => {
          const own = all.filter((visit) => visit.who === who);
          own.sort((left, right) => (isDescending ? right.at - left.at : left.at - right.at));
          return `${who}:${own.map(({ at, line }) => `${at}/${line}`).join(" ")}`;
        });
        expect(parts.flat().sort()).toEqual(expected.sort());
      }),
      { numRuns: 100 },
    );
  });

  it("byRanges: the parts one after the other are in the order of the keys", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer(), { maxLength: 200 }), plans, async (numbers, plan) => {
        const disk = new MemoryDisk();
        putFile(disk, "/in/a.txt", numbers.map((number) => `${number}\n`).join(""));
        const job = defineJob({
          name: "sort",
          input: textLines("/in", {}, { disk }),
          key: int,
          value: utf8,
          partition: byRanges(),
          map: (record, pairs) => pairs.emit(Number(record.text()), ""),
          reduce: (key, values, write) => {
            for (const _ of values) write(String(key));
          },
          output: textFiles(),
        });
        const sample = numbers.slice(0, 20).map((number) => encodedInt(number));
        const ranges = rangesOf(sample, plan.partitions).map((key) =>
          Buffer.from(key).toString("base64"),
        );
        const { parts } = await runByHand(job, disk, { ...plan, ranges });
        expect(parts.flat().map(Number)).toEqual([...numbers].sort((a, b) => a - b));
      }),
      { numRuns: 100 },
    );
  });

  it("a job without reduce writes what map writes, part by split, in the order of the input", async () => {
    await fc.assert(
      fc.asyncProperty(corpora, plans, async (corpus, plan) => {
        const disk = new MemoryDisk();
        putFile(disk, "/in/a.txt", textOf(corpus));
        const job = defineMapJob({
          name: "long lines",
          input: textLines("/in", {}, { disk }),
          setup: async () => ({ least: 10 }),
          map: (record, write, { side }) => {
            if (record.end - record.start >= side.least) write(record.text().toUpperCase());
          },
          output: textFiles(),
        });
        const { parts } = await runByHand(job, disk, plan);
        const lines = corpus.map((words) => words.join(" "));
        const long = lines.filter((line) => Buffer.byteLength(line) >= 10);
        expect(parts.flat()).toEqual(long.map((line) => line.toUpperCase()));
      }),
      { numRuns: 100 },
    );
  });
});

function encodedInt(number: number): Uint8Array {
  const sink = new ByteSink();
  int.write(number, sink);
  return sink.bytes.slice(0, sink.length);
}

it("a join: each source has a map of its own", async () => {
  const disk = new MemoryDisk();
  putFile(disk, "/people/a.txt", "1 ann\n2 bo\n");
  putFile(disk, "/orders/a.txt", "1 tea\n2 pie\n1 jam\n");
  const job = defineJob<string, string, string>({
    name: "join",
    input: [
      {
        input: textLines("/people", {}, { disk }),
        map: (record, pairs) => {
          const [id, name] = record.text().split(" ");
          pairs.emit(id!, `0${name}`);
        },
      },
      {
        input: textLines("/orders", {}, { disk }),
        map: (record, pairs) => {
          const [id, what] = record.text().split(" ");
          pairs.emit(id!, `1${what}`);
        },
      },
    ],
    key: utf8,
    value: utf8,
    sort: sortBy((value) => value, utf8),
    reduce: (id, values, write) => {
      const [name, ...orders] = [...values].map((value) => value.slice(1));
      write(`${id} ${name}: ${orders.join(", ")}`);
    },
    output: textFiles(),
  });
  const { parts } = await runByHand(job, disk, SMALL);
  expect(parts.flat().sort()).toEqual(["1 ann: jam, tea", "2 bo: pie"]);
  expect(linesOf(disk, "/people/a.txt")).toEqual(["1 ann", "2 bo"]);
});

import { PassThrough, Readable, Writable } from "node:stream";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { descending } from "../../src/codec/descending.ts";
import { float64 } from "../../src/codec/float64.ts";
import { json } from "../../src/codec/json.ts";
import { uint } from "../../src/codec/uint.ts";
import { utf8 } from "../../src/codec/utf8.ts";
import { textLines } from "../../src/input/text-lines.ts";
import { grep, join, wordCount } from "../../src/jobs/index.ts";
import { defineJob } from "../../src/job/define-job.ts";
import { defineMapJob } from "../../src/job/define-map-job.ts";
import type { Job } from "../../src/job/job.ts";
import { sortBy } from "../../src/job/sort-by.ts";
import { partitionedFolders } from "../../src/output/partitioned-folders.ts";
import { jsonLinesFiles, textFiles } from "../../src/output/text-files.ts";
import { streamingCombine, streamingMap, streamingReduce } from "../../src/streaming/index.ts";

const input = textLines("/never/read");

interface Result {
  readonly code: number;
  readonly out: Buffer;
  readonly error: string;
}

async function run(
  task: typeof streamingMap,
  job: Job,
  stdin: string | Buffer,
  env: Record<string, string> = {},
): Promise<Result> {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const collected = [stdout, stderr].map((stream) => stream.toArray());
  // Small pieces, as pipes may give them.
  const bytes = Buffer.from(stdin);
  const pieces = Array.from({ length: Math.ceil(bytes.length / 1_000) }, (_, index) =>
    bytes.subarray(index * 1_000, (index + 1) * 1_000),
  );
  const code = await task(job, Readable.from(pieces), stdout, stderr, env);
  stdout.end();
  stderr.end();
  const [out, error] = await Promise.all(collected);
  return { code, out: Buffer.concat(out ?? []), error: Buffer.concat(error ?? []).toString() };
}

/** As `LC_ALL=C sort` does it. */
function sorted(lines: Buffer): Buffer {
  const all = lines.toString("latin1").split("\n").slice(0, -1);
  return Buffer.from(
    all
      .sort()
      .map((line) => `${line}\n`)
      .join(""),
    "latin1",
  );
}

const lower = (text: string): string[] => text.split("\n").slice(0, -1);

describe("a job on Hadoop Streaming", () => {
  it("map writes lines of key, TAB and value that other programs can read", async () => {
    const { code, out } = await run(streamingMap, wordCount({ input }), "the Öl of\nthe\n");
    expect([code, out.toString()]).toEqual([0, "the\t1\nÖl\t1\nof\t1\nthe\t1\n"]);
  });

  it("map, sort, combine and reduce count words", async () => {
    const job = wordCount({ input });
    const text = "the end of the beginning of the end\n".repeat(500);
    const { out: mapped } = await run(streamingMap, job, text);
    const { out: combined } = await run(streamingCombine, job, sorted(mapped));
    expect(combined.toString()).toBe("beginning\t500\nend\t1000\nof\t1000\nthe\t1500\n");
    for (const lines of [sorted(mapped), combined]) {
      const { code, out } = await run(streamingReduce, job, lines);
      expect([code, out.toString()]).toEqual([0, combined.toString()]);
    }
  });

  it("any keys and values get through, TABs, newlines and all, in the order of the keys", async () => {
    const text = fc.oneof(
      fc.string({ unit: "grapheme" }),
      fc.constantFrom("", "a\tb", "a", "a\nb", "\r", "\ufeff", "a\u0000", "\u000e", "a\u000eb"),
    );
    const codecs = fc.constantFrom(utf8, descending(utf8));
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(text, fc.jsonValue())), codecs, async (pairs, key) => {
        const job = defineJob<string, unknown, unknown>({
          name: "group",
          input,
          key,
          value: json(),
          map: (record, out) => {
            const [name, value] = record.json() as [string, unknown];
            out.emit(name, value);
          },
          reduce: (name, values, write) => write([name, [...values]]),
          output: jsonLinesFiles(),
        });
        const records = pairs.map((pair) => `${JSON.stringify(pair)}\n`).join("");
        const { out: mapped } = await run(streamingMap, job, records);
        const { code, out } = await run(streamingReduce, job, sorted(mapped));
        expect(code).toBe(0);
        const groups = new Map<string, string[]>();
        for (const [name, value] of pairs) {
          groups.set(name, [...(groups.get(name) ?? []), JSON.stringify(value)]);
        }
        const direction = key === utf8 ? 1 : -1;
        const expected = [...groups].sort(
          ([one], [other]) => direction * Buffer.compare(Buffer.from(one), Buffer.from(other)),
        );
        const found = lower(out.toString()).map((line) => JSON.parse(line) as [string, unknown[]]);
        expect(
          found.map(([name, values]) => [name, values.map((each) => JSON.stringify(each)).sort()]),
        ).toEqual(expected.map(([name, values]) => [name, values.sort()]));
      }),
    );
  });

  it("numbers as keys are in their order; as values they are decimal", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.double({ noNaN: true })), async (numbers) => {
        const job = defineJob<number, number, string>({
          name: "numbers",
          input,
          key: float64,
          value: float64,
          map: (record, pairs) => pairs.emit(Number(record.text()), Number(record.text())),
          reduce: (key, values, write) => {
            for (const value of values) write(`${key} ${value}`);
          },
          output: textFiles(),
        });
        const { out: mapped } = await run(
          streamingMap,
          job,
          numbers.map((each) => `${each}\n`).join(""),
        );
        const { code, out } = await run(streamingReduce, job, sorted(mapped));
        const expected = numbers.map((each) => each + 0).sort((one, other) => one - other);
        expect([code, lower(out.toString())]).toEqual([
          0,
          expected.map((each) => `${each} ${each}`),
        ]);
      }),
    );
  });

  it("with a secondary sort, lines sorted by two fields give the values in their order", async () => {
    const job = defineJob<string, number, unknown>({
      name: "latest",
      input,
      key: utf8,
      value: uint,
      map: (record, pairs) => {
        const [key = "", value] = record.text().split(" ");
        pairs.emit(key, Number(value));
      },
      sort: sortBy((value) => value, descending(uint)),
      reduce: (key, values, write) => write({ key, values: [...values] }),
      output: jsonLinesFiles(),
    });
    const { out: mapped } = await run(streamingMap, job, "b 1\na 7\na 1000\nb 300\na 9\n");
    const { out } = await run(streamingReduce, job, sorted(mapped));
    expect(out.toString()).toBe('{"key":"a","values":[1000,9,7]}\n{"key":"b","values":[300,1]}\n');
  });

  it("a group larger than memory goes by way of the disk", async () => {
    const job = defineJob<string, string, string>({
      name: "large",
      input,
      key: utf8,
      value: utf8,
      map: () => undefined,
      reduce: (key, values, write) => {
        let [count, bytes] = [0, 0];
        for (const value of values) {
          count += 1;
          bytes += value.length;
        }
        write(`${key} ${count} ${bytes}`);
      },
      output: textFiles(),
    });
    const line = `key\t${"v".repeat(100_000)}\n`;
    async function* lines(): AsyncIterable<Buffer> {
      for (let index = 0; index < 800; index += 1) yield Buffer.from(line);
    }
    const stdout = new PassThrough();
    const collected = stdout.toArray();
    const code = await streamingReduce(job, Readable.from(lines()), stdout, new PassThrough(), {});
    stdout.end();
    expect([code, Buffer.concat(await collected).toString()]).toEqual([0, "key 800 80000000\n"]);
  });

  it("a job without a reduce writes its records as lines", async () => {
    const { code, out } = await run(streamingMap, grep({ input, pattern: "b" }), "ab\nc\nb\n");
    expect([code, out.toString()]).toEqual([0, "ab\nb\n"]);
    const reduced = await run(streamingReduce, grep({ input, pattern: "b" }), "");
    expect(reduced).toMatchObject({ code: 1, error: expect.stringContaining("-numReduceTasks 0") });
  });

  it("a join's sources are told apart by settings, by the name of the input file", async () => {
    const side = { input, key: (record: { text(): string }) => record.text(), value: () => 1 };
    const job = join({ left: side, right: side });
    const settings = { quorate_source_0: "/orders/", quorate_source_1: "/users/" };
    const env = { ...settings, mapreduce_map_input_file: "hdfs:/data/users/part-0" };
    expect((await run(streamingMap, job, "x\n", env)).out.toString()).toMatch(/\[1,1\]\n$/);
    const other = await run(streamingMap, job, "x\n", { mapreduce_map_input_file: "/elsewhere" });
    expect(other).toMatchObject({ code: 1, error: expect.stringContaining("quorate.source.0=") });
  });

  it("counters and status go to stderr as reporter lines, counters once", async () => {
    const job = defineMapJob<string>({
      name: "a, job",
      input,
      map: (record, write, context) => {
        context.count("seen");
        if (record.text() === "b") context.count("b, c", 5);
        write("");
      },
      output: textFiles(),
    });
    const { error } = await run(streamingMap, job, "a\nb\n".repeat(600_000));
    const counters = new Map<string, number>();
    for (const line of lower(error)) {
      if (line.startsWith("reporter:status:")) continue;
      const [, name = "", by] = /^reporter:counter:(a  job,[^,]+),(\d+)$/.exec(line) ?? [];
      counters.set(name, (counters.get(name) ?? 0) + Number(by));
    }
    expect(Object.fromEntries(counters)).toEqual({
      "a  job,seen": 1_200_000,
      "a  job,b  c": 3_000_000,
    });
    expect(error).toMatch(/^reporter:status:\d+ records$/m);
  });

  it("a failure is exit code 1, with the record's place on stderr", async () => {
    const job = defineMapJob<string>({
      name: "failing",
      input,
      map: (record) => {
        if (record.text() === "bad") throw new RangeError("no such thing");
      },
      output: textFiles(),
    });
    const env = { mapreduce_map_input_file: "/data/a" };
    const { code, error } = await run(streamingMap, job, "good\nbad\n", env);
    expect(code).toBe(1);
    expect(error).toContain("bad-record: map threw RangeError: no such thing (/data/a, byte 5)");
  });

  it.each([
    [
      "packed",
      defineMapJob({ name: "x", input, map: () => undefined, output: textFiles({ gzip: true }) }),
      "packed",
    ],
    [
      "in folders",
      defineMapJob<string>({
        name: "x",
        input,
        map: (record, write) => write(record.text()),
        output: partitionedFolders<string>((of) => ({ of }), textFiles()),
      }),
      "in folders",
    ],
  ])("an output that is %s cannot be lines, and says so", async (_, job, reason) => {
    const { code, error } = await run(streamingMap, job, "a\n");
    expect([code, error]).toEqual([
      1,
      expect.stringContaining(
        `invalid-job: the job cannot run on Hadoop Streaming: its output is ${reason}`,
      ),
    ]);
  });

  it("a value that is no number is told, and no zero", async () => {
    const { code, error } = await run(streamingReduce, wordCount({ input }), "the\tone\n");
    expect([code, error]).toEqual([1, expect.stringContaining('a value is no number: "one"')]);
  });

  it("waits for a slow reader of stdout, and holds no more than it must", async () => {
    let [most, written] = [0, 0];
    const slow = new Writable({
      highWaterMark: 1_000,
      write: (chunk: Buffer, _, done) => {
        written += chunk.length;
        setImmediate(done);
      },
    });
    async function* lines(): AsyncIterable<Buffer> {
      for (let index = 0; index < 40; index += 1) {
        most = Math.max(most, index * 100_000 - written);
        yield Buffer.from("x".repeat(99_999) + "\n");
      }
    }
    const job = grep({ input, pattern: "x" });
    expect(await streamingMap(job, Readable.from(lines()), slow, new PassThrough(), {})).toBe(0);
    expect(written).toBe(4_000_000);
    expect(most).toBeLessThan(3_000_000);
  });

  it("a reader that is gone (EPIPE) ends it quietly", async () => {
    const gone = new Writable({
      write: (_, __, done) => done(Object.assign(new Error("write EPIPE"), { code: "EPIPE" })),
    });
    const stderr = new PassThrough();
    const job = grep({ input, pattern: "x" });
    const code = await streamingMap(job, Readable.from([Buffer.from("x\n")]), gone, stderr, {});
    expect([code, stderr.read()]).toEqual([141, null]);
  });
});

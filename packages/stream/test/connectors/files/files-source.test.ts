import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { MemoryFileSystem, VirtualClock } from "@quorate/runtime/testing";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  csvRows,
  filesSink,
  type FilesSourceOptions,
  filesSource,
  jsonLines,
  textLines,
} from "../../../src/connectors/files/index.ts";
import { type Batch, createPipeline, runPipeline, type Source } from "../../../src/index.ts";

const context = { id: "in", subtask: 0, subtasks: 1 };
const lines = { folder: "/in", format: textLines() };

/** A folder `/in` of these files. */
async function folderOf(files: Readonly<Record<string, string>>): Promise<MemoryFileSystem> {
  const disk = new MemoryFileSystem();
  await disk.makeDirectory("/in");
  for (const [name, content] of Object.entries(files)) await append(disk, name, content);
  return disk;
}

async function append(disk: MemoryFileSystem, name: string, content: string): Promise<void> {
  const names = await disk.list("/in");
  const create = names.includes(name) ? "existing" : "new";
  const file = await disk.open(`/in/${name}`, { create });
  await file.write(Buffer.from(content), await file.size());
  await file.close();
}

async function opened<T>(
  source: Source<T>,
  positions: ReadonlyMap<string, unknown> = new Map(),
  signal: AbortSignal = new AbortController().signal,
): Promise<AsyncIterator<Batch<T>>> {
  const reader = await source.open({ ...context, positions, signal });
  return (reader as AsyncIterable<Batch<T>>)[Symbol.asyncIterator]();
}

async function batchesOf<T>(
  source: Source<T>,
  positions?: ReadonlyMap<string, unknown>,
): Promise<readonly Batch<T>[]> {
  const iterator = await opened(source, positions);
  const batches: Batch<T>[] = [];
  for (let next = await iterator.next(); !next.done; next = await iterator.next()) {
    batches.push(next.value);
  }
  return batches;
}

async function recordsOf<T>(
  disk: MemoryFileSystem,
  options: FilesSourceOptions<T>,
  positions?: ReadonlyMap<string, unknown>,
): Promise<readonly T[]> {
  const batches = await batchesOf(filesSource(options, { fileSystem: disk }), positions);
  return batches.flatMap(({ records }) => records);
}

describe("filesSource", () => {
  it("announces all files, reads them in turns, and ends each with its last batch", async () => {
    const disk = await folderOf({ a: "1\n2\n3\n", b: "4\n", ".hidden": "no\n" });
    const source = filesSource({ ...lines, readBytes: 4 }, { fileSystem: disk });
    const batches = await batchesOf(source);
    const seen = batches.map(({ split, records, isLast }) => [split, records, isLast ?? false]);
    expect(seen).toEqual([
      ...[
        ["a", [], false],
        ["b", [], false],
      ],
      ...[
        ["a", ["1", "2"], false],
        ["b", ["4"], false],
      ],
      ...[
        ["a", ["3"], false],
        ["b", [], true],
        ["a", [], true],
      ],
    ]);
  });

  it("from any batch's position on, exactly the records after it follow, however reads cut the file", async () => {
    const line = fc
      .string({ unit: "grapheme", maxLength: 8 })
      .filter((text) => !/[\r\n]/.test(text));
    const content = fc.record({
      all: fc.array(fc.tuple(line, fc.constantFrom("\n", "\r\n")), { minLength: 1, maxLength: 12 }),
      hasEnd: fc.boolean(),
      readBytes: fc.integer({ min: 1, max: 20 }),
    });
    await fc.assert(
      fc.asyncProperty(content, async ({ all, hasEnd, readBytes }) => {
        const text = all.map(([one, end]) => one + end).join("") + (hasEnd ? "" : "last é");
        const expected = [...all.map(([one]) => one), ...(hasEnd ? [] : ["last é"])];
        const disk = await folderOf({ a: text });
        const options = { ...lines, readBytes };
        const batches = await batchesOf(filesSource(options, { fileSystem: disk }));
        expect(batches.flatMap(({ records }) => records)).toEqual(expected);
        let before = 0;
        for (const { records, position } of batches) {
          before += records.length;
          const after = await recordsOf(disk, options, new Map([["a", position]]));
          expect(after).toEqual(expected.slice(before));
        }
      }),
      { numRuns: 40 },
    );
  });

  it("follows files that grow, reads a line once it is complete, and finds new files", async () => {
    const disk = await folderOf({ a: "1\nhal" });
    const clock = new VirtualClock();
    const stop = new AbortController();
    const source = filesSource({ ...lines, follow: true }, { fileSystem: disk, clock });
    const iterator = await opened(source, new Map(), stop.signal);
    const next = async (): Promise<readonly string[]> => (await iterator.next()).value.records;
    expect([await next(), await next()]).toEqual([[], ["1"]]);
    const waiting = next();
    await append(disk, "a", "f\n");
    await append(disk, "b", "new\n");
    await clock.advance(1_000);
    expect([await waiting, await next(), await next()]).toEqual([[], ["half"], ["new"]]);
    const done = iterator.next();
    stop.abort();
    await clock.advance(1_000);
    expect((await consumed(iterator, done)).done).toBe(true);
  });

  it("a file that was truncated or replaced is an error that names it", async () => {
    const disk = await folderOf({ a: "one\ntwo\n" });
    const positions = new Map([
      ["a", (await batchesOf(filesSource(lines, { fileSystem: disk }))).at(-1)?.position],
    ]);
    disk.file("/in/a").truncate(4);
    await expect(recordsOf(disk, lines, positions)).rejects.toMatchObject({
      ...{ code: "position-lost", message: expect.stringContaining("/in/a") },
    });
    await disk.remove("/in/a");
    await append(disk, "a", "another file of that name\n");
    await expect(recordsOf(disk, lines, positions)).rejects.toMatchObject({
      ...{ code: "position-lost", message: expect.stringContaining("rotated") },
    });
  });

  it("a file that is rotated while it is followed is found out at the next look", async () => {
    const disk = await folderOf({ a: "one\n" });
    const clock = new VirtualClock();
    const source = filesSource({ ...lines, follow: true }, { fileSystem: disk, clock });
    const iterator = await opened(source);
    while ((await iterator.next()).value.position.isEnd !== true);
    const waiting = iterator.next();
    await disk.rename("/in/a", "/in/.a.1");
    await append(disk, "a", "two, of a new file\n");
    const refused = expect(waiting).rejects.toMatchObject({ code: "position-lost" });
    await clock.advance(1_000);
    await refused;
  });

  it("a file that is gone is no loss if it had been read to its end", async () => {
    const disk = await folderOf({ a: "one\n", b: "two\n" });
    const batches = await batchesOf(filesSource(lines, { fileSystem: disk }));
    const ends = new Map(batches.map(({ split, position }) => [split as string, position]));
    await disk.remove("/in/a");
    await append(disk, "b", "three\n");
    expect(await recordsOf(disk, lines, ends)).toEqual(["three"]);
    const halfway = new Map([["a", { at: 0, head: "", isEnd: false }]]);
    await expect(recordsOf(disk, lines, halfway)).rejects.toMatchObject({ code: "position-lost" });
  });

  it("on a real disk: folders in it are left out, and a sink may write to one of them", async () => {
    const folder = await mkdtemp(join(tmpdir(), "quorate-files-"));
    try {
      await writeFile(join(folder, "in"), "a\nb\n");
      const out = join(folder, "out");
      for (let round = 0; round < 2; round++) {
        const pipeline = createPipeline();
        pipeline
          .from(filesSource({ folder, format: textLines() }))
          .to(filesSink({ folder: out, encode: (line) => line }), "out");
        await runPipeline(pipeline).done;
      }
      const texts = (await readdir(out)).map((name) => readFile(join(out, name), "utf8"));
      expect(await Promise.all(texts)).toEqual(["a\nb\n", "a\nb\n"]);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it("a line longer than allowed is refused with its place, and never held", async () => {
    const disk = await folderOf({ a: `ok\n${"x".repeat(1_000)}` });
    const options = { ...lines, maxRecordBytes: 100, readBytes: 50 };
    await expect(recordsOf(disk, options)).rejects.toMatchObject({
      ...{ code: "invalid-record", message: expect.stringContaining("a at 3") },
    });
  });

  it("JSON lines: empty ones are left out, poisoned ones fail or are told", async () => {
    const disk = await folderOf({ a: '{"a":1}\n\n{"a":\n{"a":3}\n' });
    const options = { folder: "/in", format: jsonLines<{ a: number }>() };
    await expect(recordsOf(disk, options)).rejects.toMatchObject({ code: "invalid-record" });
    const dead: string[] = [];
    const onInvalid = (_: unknown, line: string): void => void dead.push(line);
    expect(await recordsOf(disk, { ...options, onInvalid })).toEqual([{ a: 1 }, { a: 3 }]);
    expect(dead).toEqual(['{"a":']);
  });

  it("CSV: rows by their header, with quotes, delimiters and line feeds in fields, from any position", async () => {
    const rows = [
      ...[
        { name: "a", note: "plain" },
        { name: "b, c", note: 'says "hi"' },
      ],
      ...[
        { name: "two\nlines", note: "" },
        { name: "é", note: "end" },
      ],
    ];
    const quoted = (field: string): string =>
      /[",\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field;
    const text = rows.map(({ name, note }) => `${quoted(name)},${quoted(note)}\r\n`).join("");
    const disk = await folderOf({ a: `name,note\r\n${text}` });
    const options = { folder: "/in", format: csvRows(), readBytes: 7 };
    const batches = await batchesOf(filesSource(options, { fileSystem: disk }));
    expect(batches.flatMap(({ records }) => records)).toEqual(rows);
    let before = 0;
    for (const { records, position } of batches) {
      before += records.length;
      const after = await recordsOf(disk, options, new Map([["a", position]]));
      expect(after).toEqual(rows.slice(before));
    }
  });

  it("deals files out to subtasks, each to one", async () => {
    const names = Array.from({ length: 20 }, (_, at) => `file ${at}`);
    const disk = await folderOf(Object.fromEntries(names.map((name) => [name, `${name}\n`])));
    const read: string[] = [];
    for (const subtask of [0, 1, 2]) {
      const { signal } = new AbortController();
      const place = { id: "in", subtask, subtasks: 3, positions: new Map(), signal };
      const reader = await filesSource(lines, { fileSystem: disk }).open(place);
      for await (const { records } of reader) read.push(...records);
    }
    expect(read.toSorted()).toEqual(names.toSorted());
  });
});

async function consumed<T>(
  iterator: AsyncIterator<T>,
  first: Promise<IteratorResult<T>>,
): Promise<IteratorResult<T>> {
  let next = await first;
  while (!next.done) next = await iterator.next();
  return next;
}

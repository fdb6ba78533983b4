import { FileSystemError, seededRandom } from "@quorate/runtime";
import { MemoryFileSystem, VirtualClock } from "@quorate/runtime/testing";
import { describe, expect, it } from "vitest";
import { filesSink, type FilesSinkOptions } from "../../../src/connectors/files/index.ts";
import type { Sink } from "../../../src/index.ts";

const context = { id: "out", subtask: 0, subtasks: 1 };
const options: FilesSinkOptions<string> = { folder: "/out", encode: (value) => value };
const RECORDS = Array.from({ length: 12 }, (_, at) => `record ${at}`);

/** What a reader of the folder sees: all files but hidden ones. */
async function shown(disk: MemoryFileSystem): Promise<Map<string, string>> {
  const files = new Map<string, string>();
  for (const name of await disk.list("/out")) {
    if (name.startsWith(".")) continue;
    const file = await disk.open(`/out/${name}`);
    const into = Buffer.alloc(await file.size());
    await file.read(into, 0);
    files.set(name, into.toString());
  }
  return files;
}

async function linesShown(disk: MemoryFileSystem): Promise<readonly string[]> {
  const files = await shown(disk);
  return [...files.values()].flatMap((text) => text.split("\n").filter((line) => line !== ""));
}

interface Kept {
  readonly checkpointId: number;
  readonly position: number;
  readonly transactions: readonly unknown[];
}

/** Two records a write, two writes a checkpoint; from the checkpoint that is kept to the end. */
async function run(sink: Sink<string>, kept: Kept, keep: (kept: Kept) => void): Promise<void> {
  await sink.recover(context, kept.transactions);
  const writer = await sink.open(context);
  for (let { position, checkpointId } = kept; position < RECORDS.length; position += 4) {
    await writer.write(RECORDS.slice(position, position + 2));
    await writer.write(RECORDS.slice(position + 2, position + 4));
    checkpointId++;
    const transaction = await writer.prepare(checkpointId);
    // In plain data, as a checkpoint is kept.
    const transactions = [JSON.parse(JSON.stringify(transaction))];
    keep({ checkpointId, position: position + 4, transactions });
    await writer.commit(transaction);
  }
  // A checkpoint of nothing forgets the transaction before: that must be on the disk by then.
  expect(await writer.prepare(Infinity)).toBeUndefined();
  keep({ checkpointId: Infinity, position: RECORDS.length, transactions: [] });
  await writer.close?.();
}

describe("filesSink", () => {
  it("files appear complete when their checkpoint is committed, and are hidden before", async () => {
    const disk = new MemoryFileSystem();
    const sink = filesSink(options, { fileSystem: disk });
    await sink.recover(context, []);
    const writer = await sink.open(context);
    await writer.write(["a", "b"]);
    const first = await writer.prepare(1);
    await writer.write(["c"]);
    expect(await shown(disk)).toEqual(new Map());
    await writer.commit(first);
    expect([...(await shown(disk)).values()]).toEqual(["a\nb\n"]);
    await writer.commit(first);
    expect([...(await shown(disk)).values()]).toEqual(["a\nb\n"]);
    expect(await (await sink.open(context)).prepare(2)).toBeUndefined();
  });

  it("rollAfterMs: records go to a new file once the last one is as old", async () => {
    const disk = new MemoryFileSystem();
    const clock = new VirtualClock();
    const sink = filesSink({ ...options, rollAfterMs: 1_000 }, { fileSystem: disk, clock });
    await sink.recover(context, []);
    const writer = await sink.open(context);
    for (const record of ["a", "b", "c", "d"]) {
      await writer.write([record]);
      await clock.advance(500);
    }
    await writer.commit(await writer.prepare(1));
    expect([...(await shown(disk)).values()]).toEqual(["a\nb\n", "c\nd\n"]);
  });

  it("power fails at any operation: each record is shown exactly once in the end", async () => {
    for (const isTorn of [false, true]) {
      let failed = true;
      for (let operation = 1; failed; operation++) {
        const disk = new MemoryFileSystem();
        failed = false;
        let count = 0;
        disk.onOperation = ({ path }) => {
          if (++count !== operation) return;
          failed = true;
          throw new FileSystemError("io-error", path, "the power failed");
        };
        let kept: Kept = { checkpointId: 0, position: 0, transactions: [] };
        const random = seededRandom(`${operation}`);
        // Another one at each restart: runs have names of their own.
        const sink = (): Sink<string> =>
          filesSink({ ...options, rollBytes: 20 }, { fileSystem: disk, random });
        const keep = (now: Kept): void => void (kept = now);
        await run(sink(), kept, keep).catch((error: unknown) => {
          if (!failed) throw error;
        });
        disk.onOperation = () => {};
        if (failed) {
          disk.crash(isTorn ? random : undefined);
          await run(sink(), kept, keep);
        }
        disk.crash();
        expect((await linesShown(disk)).toSorted()).toEqual(RECORDS.toSorted());
        const names = await disk.list("/out");
        expect(names.filter((name) => name.startsWith("."))).toEqual([]);
      }
    }
  });

  it("rolls by size and by bucket, and closes the bucket that waited longest at the bound", async () => {
    const disk = new MemoryFileSystem();
    const bucketOf = (value: string): string => value[0] as string;
    const limits = { bucketOf, rollBytes: 8, maxOpenFiles: 2, suffix: ".txt" };
    const sink = filesSink({ ...options, ...limits }, { fileSystem: disk });
    await sink.recover(context, []);
    const writer = await sink.open(context);
    for (const record of ["a1", "b1", "a2", "c1", "b2", "a3", "a4"]) await writer.write([record]);
    await writer.commit(await writer.prepare(1));
    const files = await shown(disk);
    const byBucket = [...files].map(([name, text]) => [name[0], name.endsWith(".txt"), text]);
    expect(byBucket.toSorted((a, b) => (String(a) < String(b) ? -1 : 1))).toEqual([
      ...[
        ["a", true, "a1\na2\n"],
        ["a", true, "a3\na4\n"],
      ],
      ...[
        ["b", true, "b1\n"],
        ["b", true, "b2\n"],
        ["c", true, "c1\n"],
      ],
    ]);
  });

  it("two sinks and two runs share a folder", async () => {
    const disk = new MemoryFileSystem();
    const sink = filesSink(options, { fileSystem: disk });
    await sink.recover(context, []);
    const one = await sink.open(context);
    await one.write(["of one"]);
    const prepared = await one.prepare(1);
    const other = { ...context, id: "another" };
    await sink.recover(other, []);
    const writer = await sink.open(other);
    await writer.write(["of the other"]);
    await writer.commit(await writer.prepare(1));
    await sink.recover(context, [prepared]);
    expect((await linesShown(disk)).toSorted()).toEqual(["of one", "of the other"]);
  });

  it("what a checkpoint promised and is not there any more is lost by name", async () => {
    const disk = new MemoryFileSystem();
    const sink = filesSink(options, { fileSystem: disk });
    await sink.recover(context, []);
    const writer = await sink.open(context);
    await writer.write(["a"]);
    const prepared = await writer.prepare(1);
    const [hidden] = await disk.list("/out");
    await disk.remove(`/out/${hidden}`);
    await expect(sink.recover(context, [prepared])).rejects.toMatchObject({
      ...{ code: "transaction-lost", message: expect.stringContaining(hidden as string) },
    });
  });

  it("a bucket that is no name of a file is refused", async () => {
    const disk = new MemoryFileSystem();
    const sink = filesSink({ ...options, bucketOf: () => "../up" }, { fileSystem: disk });
    await sink.recover(context, []);
    const writer = await sink.open(context);
    await expect(writer.write(["a"])).rejects.toMatchObject({ code: "invalid-option" });
  });
});

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openWal, type Wal } from "../src/index.ts";

let folder = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "quorate-wal-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function recordsOf(wal: Wal, from = wal.firstIndex): Promise<Buffer[]> {
  const records: Buffer[] = [];
  for await (const { record } of wal.read(from)) records.push(Buffer.from(record));
  return records;
}

describe("on the machine's own disk", () => {
  it("what was appended, truncated and dropped is so after a restart", async () => {
    const directory = join(folder, "made", "on the way");
    const wal = await openWal({ directory, segmentBytes: 4_096 });
    const records = Array.from({ length: 100 }, (_, index) => Buffer.alloc(200, index));
    await Promise.all(records.map((record) => wal.append([record])));
    await Promise.all([wal.truncateAfter(90), wal.dropBefore(50)]);
    await wal.close();

    const again = await openWal({ directory, segmentBytes: 4_096 });
    expect([again.firstIndex, again.lastIndex]).toEqual([50, 90]);
    expect(await recordsOf(again)).toEqual(records.slice(49, 90));
    await again.close();
  });

  it("a read whose segments are dropped meanwhile is out of range", async () => {
    const wal = await openWal({ directory: folder, segmentBytes: 4_096 });
    for (let index = 1; index <= 10; index++) await wal.append([Buffer.alloc(2_000)]);
    const reading = wal.read(1);
    await wal.dropBefore(10);
    const all = async (): Promise<void> => {
      for await (const { index } of reading) expect(index).toBeLessThan(10);
    };
    await expect(all()).rejects.toMatchObject({ code: "out-of-range" });
    await wal.close();
  });

  it("raft 27: a record of 64 MiB is appended, recovered and read", async () => {
    const record = Buffer.alloc(64 * 2 ** 20);
    for (let at = 0; at < record.length; at += 4_096) record.writeUInt32LE(at, at);
    const wal = await openWal({ directory: folder });
    await wal.append([Buffer.from("before"), record, Buffer.from("after")]);
    await wal.close();
    const again = await openWal({ directory: folder });
    const [before, large, after] = await recordsOf(again);
    expect([before?.toString(), after?.toString()]).toEqual(["before", "after"]);
    expect(large?.equals(record)).toBe(true);
    await again.close();
  });

  it("a process killed in mid-append loses nothing that it was told is durable", async () => {
    for (let round = 0; round < 3; round++) {
      const acknowledged = await appendUntilKilled(folder, 200);
      const wal = await openWal({ directory: folder });
      expect(wal.lastIndex).toBeGreaterThanOrEqual(acknowledged);
      const records = await recordsOf(wal);
      expect(records.map((record) => record.readUInt32LE(0))).toEqual(
        records.map((_, at) => at + 1),
      );
      await wal.close();
    }
  }, 60_000);
});

/** Resolves to the last index that the child said was durable before it was killed. */
async function appendUntilKilled(directory: string, atLeast: number): Promise<number> {
  const child = spawn(
    process.execPath,
    [
      "--conditions=@quorate/source",
      "--import",
      "@oxc-node/core/register",
      join(import.meta.dirname, "append-for-ever.ts"),
      directory,
    ],
    { stdio: ["ignore", "pipe", "inherit"] },
  );
  const ended = once(child, "exit");
  let count = 0;
  let last = 0;
  for await (const line of createInterface({ input: child.stdout })) {
    last = Number(line);
    if (++count === atLeast) child.kill("SIGKILL");
  }
  await ended;
  return last;
}

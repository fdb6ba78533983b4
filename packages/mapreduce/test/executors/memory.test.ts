import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { seededRandom } from "@quorate/runtime";
import { afterAll, afterEach, beforeEach, expect, it } from "vitest";
import { removeBuilt } from "../../bench/built.ts";
import { runBuilt } from "../../bench/in-process-of-its-own.ts";

const MIB = 2 ** 20;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "mapreduce-memory-"));
});
afterEach(() => rmSync(folder, { recursive: true }));
afterAll(removeBuilt);

/** Lines of 40 bytes, no two of which are likely to be the same. */
function writeLines(path: string, megabytes: number): void {
  const random = seededRandom("memory");
  const file = openSync(path, "w");
  const chunk = Buffer.alloc(MIB, "\n");
  for (let written = 0; written < megabytes; written++) {
    for (let at = 0; at + 40 <= chunk.length; at += 40) {
      chunk.write(
        `${random.next().toString(36)}${random.next().toString(36)}`.slice(0, 39).padEnd(39),
        at,
      );
    }
    writeSync(file, chunk);
  }
  closeSync(file);
}

it("sorts 100 MB on two threads within its memory: never more than 20 % beyond it", async () => {
  writeLines(join(folder, "in.txt"), 100);
  const memoryBytes = 160 * MIB;
  const result = await runBuilt("sort-records", join(folder, "in.txt"), join(folder, "out"), {
    scratchFolder: folder,
    workers: 2,
    memoryBytes,
  });
  expect(result.recordsOut).toBeGreaterThan(2_500_000);
  expect(result.spills).toBeGreaterThan(2);
  expect(result.peakRssBytes).toBeLessThan(1.2 * memoryBytes);
}, 120_000);

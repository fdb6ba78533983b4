import { createHash } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { runJob } from "../../src/executors/run-job.ts";
import { textLines } from "../../src/input/text-lines.ts";
import { grep, invertedIndex, sortRecords, topK } from "../../src/jobs/index.ts";
import { bible } from "../peers/peers.ts";

const jobs = join(dirname(fileURLToPath(import.meta.url)), "..", "streaming", "jobs");

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "quorate-golden-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function outputLines(): string[] {
  const output = join(folder, "out");
  return readdirSync(output)
    .filter((name) => name.startsWith("part-"))
    .sort()
    .flatMap((name) => readFileSync(join(output, name), "utf8").split("\n").slice(0, -1));
}

describe.skipIf(bible.missing !== "")(`the King James Bible${bible.missing}`, () => {
  const input = textLines(bible.path);
  const options = () => ({ output: join(folder, "out"), splitBytes: 1_000_000 });

  it("is the text of Debian's bible-kjv-text that the figures below are of", () => {
    const sum = createHash("sha256").update(readFileSync(bible.path)).digest("hex");
    expect(sum).toBe("6f74f5589333c56c263963e6347dba662bae2d96861302e690aaae0b4a855eda");
  });

  it("has so many words, counted on two threads", async () => {
    const job = join(jobs, "word-count.ts");
    await runJob(job, { ...options(), input: bible.path, workers: 2, partitions: 3 });
    const counts = outputLines().map((line) => line.split("\t"));
    const total = counts.reduce((sum, [, count]) => sum + Number(count), 0);
    expect([counts.length, total]).toEqual([29_049, 823_359]);
    const most = counts.sort(([, one], [, other]) => Number(other) - Number(one)).slice(0, 5);
    expect(most).toEqual([
      ["the", "62051"],
      ["and", "38572"],
      ["of", "34401"],
      ["to", "13366"],
      ["And", "12739"],
    ]);
  });

  it("has so many lines about shepherds, in their order", async () => {
    await runJob(grep({ input, pattern: /\bshepherds?\b/i }), options());
    const lines = outputLines();
    expect(lines).toHaveLength(74);
    expect(lines[0]).toMatch(/^ +32 And the men are shepherds, for their trade/);
  });

  it("sorted, is as GNU sort has it", async () => {
    await runJob(sortRecords({ input }), { ...options(), partitions: 3 });
    const text = readFileSync(bible.path, "latin1").split("\n").slice(0, -1);
    expect(outputLines()).toEqual(text.sort());
  });

  it("has these as its longest verses, and names Melchizedek in two", async () => {
    const ranked = topK({ input, k: 3, score: (record) => record.text().length });
    await runJob(ranked, options());
    const best = outputLines().map((line) => JSON.parse(line) as { score: number; text: string });
    expect(best.map(({ score, text }) => [score, text.trim().slice(0, 36)])).toEqual([
      [532, "9 Then were the king's scribes calle"],
      [448, "15 And king Ahaz commanded Urijah th"],
      [445, "7 And afterward, saith the LORD, I w"],
    ]);
    const index = invertedIndex({ input, document: (record) => String(record.place.offset) });
    await runJob(index, { ...options(), overwrite: true });
    const found = outputLines().find((line) => line.startsWith('{"word":"melchizedek"'));
    expect((JSON.parse(found ?? "{}") as { documents: string[] }).documents).toHaveLength(2);
  });
});

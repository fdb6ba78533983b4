import { execFile } from "node:child_process";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { hadoop } from "../peers/peers.ts";

const run = promisify(execFile);
const here = dirname(fileURLToPath(import.meta.url));
const packageFolder = join(here, "..", "..");

/** The command of one task, as a line for a shell, or for Hadoop, which splits it at spaces. */
function command(kind: "map" | "combine" | "reduce", job: string): string {
  const task = join(here, "task.ts");
  const flags = "--conditions=@quorate/source --import @oxc-node/core/register";
  return `${process.execPath} ${flags} ${task} ${kind} ${join(here, "jobs", `${job}.ts`)}`;
}

const TIME_MS = 120_000;
const LINES = [
  "the end",
  "\tof\tthe",
  "a",
  "Öl, the oil",
  "the the",
  "\tx",
  "a longer one",
  "and",
  "",
];

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "quorate-streaming-"));
  const lines = Array.from({ length: 300 }, (_, index) => LINES[index % LINES.length]);
  await writeFile(join(folder, "input.txt"), `${lines.join("\n")}\n`);
});
afterEach(() => rm(folder, { recursive: true, force: true }));

function naiveCounts(text: string): string[] {
  const counts = new Map<string, number>();
  for (const word of text.split(/\s+/)) {
    if (word !== "") counts.set(word, (counts.get(word) ?? 0) + 1);
  }
  return [...counts].map(([word, count]) => `${word}\t${count}`).sort();
}

function naiveLongest(text: string): unknown[] {
  const lines = text.split("\n").slice(0, -1);
  const letters = [...new Set(lines.map((line) => line[0] ?? ""))].sort();
  return letters.map((letter) => ({
    letter,
    longest: lines
      .filter((line) => (line[0] ?? "") === letter)
      .map((line) => line.length)
      .sort((one, other) => other - one)
      .slice(0, 3),
  }));
}

/** The lengths only: lines of one length have no order among them on Hadoop. */
function lengths(output: string[]): unknown[] {
  return output
    .map((line) => JSON.parse(line) as { letter: string; longest: string[] })
    .map(({ letter, longest }) => ({ letter, longest: longest.map((each) => each.length) }))
    .sort((one, other) => (one.letter < other.letter ? -1 : 1));
}

async function shell(line: string): Promise<{ readonly stdout: string; readonly stderr: string }> {
  const options = { cwd: packageFolder, maxBuffer: 1e8 };
  return run("bash", ["-c", `set -o pipefail; ${line}`], options);
}

describe("as processes, in a pipe of the shell", () => {
  it(
    "map | LC_ALL=C sort | combine | reduce count words",
    async () => {
      const input = join(folder, "input.txt");
      const steps = (["map", "combine", "reduce"] as const).map((kind) =>
        command(kind, "word-count"),
      );
      const [map, combine, reduce] = steps;
      const sort = "LC_ALL=C sort -t$'\\t' -k1,1";
      const { stdout } = await shell(`${map} <${input} | ${sort} | ${combine} | ${reduce}`);
      expect(stdout.trim().split("\n").sort()).toEqual(naiveCounts(await readFile(input, "utf8")));
    },
    TIME_MS,
  );

  it(
    "a failing job ends with 1; a reader that leaves early is no error to be told",
    async () => {
      const failing = shell(`printf 'word\\tnumber\\n' | ${command("reduce", "word-count")}`);
      await expect(failing).rejects.toMatchObject({
        code: 1,
        stderr: expect.stringContaining('bad-record: a value is no number: "number"'),
      });
      const early = `yes | head -n 2000000 | ${command("map", "word-count")} | head -n 1`;
      const { stdout, stderr } = await shell(`set +o pipefail; ${early}`);
      expect([stdout, stderr.replace(/^reporter:.*\n/gm, "")]).toEqual(["y\t1\n", ""]);
    },
    TIME_MS,
  );
});

describe.skipIf(hadoop.missing !== "")(`on real Hadoop${hadoop.missing}`, () => {
  async function onHadoop(job: string, settings: string[], flags: string[]): Promise<string[]> {
    const output = join(folder, "output");
    const own = [`hadoop.tmp.dir=${join(folder, "tmp")}`, "fs.defaultFS=file:///"];
    const always = [...own, "mapreduce.framework.name=local", ...settings];
    const { stdout, stderr } = await run(
      "java",
      [
        ...hadoop.options,
        "org.apache.hadoop.streaming.HadoopStreaming",
        ...always.flatMap((setting) => ["-D", setting]),
        ...["-input", join(folder, "input.txt"), "-output", output],
        ...["-mapper", command("map", job), "-reducer", command("reduce", job)],
        ...flags,
      ],
      { cwd: packageFolder, maxBuffer: 1e8 },
    );
    const names = (await readdir(output)).sort();
    expect(names, stdout + stderr).toContain("_SUCCESS");
    const parts = names.filter((name) => name.startsWith("part-"));
    const texts = await Promise.all(parts.map((name) => readFile(join(output, name), "utf8")));
    // Hadoop takes a line without a TAB for a key, and writes a TAB after it.
    return texts.flatMap((text) => text.split("\n").slice(0, -1)).map((line) => line.trim());
  }

  it(
    "counts words, with a combiner, in several splits and parts",
    async () => {
      const found = await onHadoop(
        "word-count",
        ["mapreduce.job.reduces=2", "mapreduce.input.fileinputformat.split.maxsize=1000"],
        ["-combiner", command("combine", "word-count")],
      );
      const text = await readFile(join(folder, "input.txt"), "utf8");
      expect(found.sort()).toEqual(naiveCounts(text));
    },
    TIME_MS,
  );

  it(
    "sorts a key's values, keys with TABs among them",
    async () => {
      const partitioner = "org.apache.hadoop.mapred.lib.KeyFieldBasedPartitioner";
      const found = await onHadoop(
        "longest",
        [
          "mapreduce.job.reduces=2",
          "stream.num.map.output.key.fields=2",
          "mapreduce.partition.keypartitioner.options=-k1,1",
        ],
        ["-partitioner", partitioner],
      );
      const text = await readFile(join(folder, "input.txt"), "utf8");
      expect(lengths(found)).toEqual(naiveLongest(text));
    },
    TIME_MS,
  );

  it(
    "fails the job when a task does",
    async () => {
      await writeFile(join(folder, "input.txt"), "fine\n\xff\n", "latin1");
      await expect(onHadoop("longest", [], [])).rejects.toMatchObject({ code: 1 });
      expect(await readdir(join(folder, "output")).catch(() => [])).not.toContain("_SUCCESS");
    },
    TIME_MS,
  );
});

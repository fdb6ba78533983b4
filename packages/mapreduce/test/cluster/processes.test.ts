import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { seededRandom } from "@quorate/runtime";
import { createTcpTransport, type TcpAddress } from "@quorate/transport/tcp";
import { describe, expect, test } from "vitest";
import {
  clusterJob,
  type ClusterJobOptions,
  fileJournal,
  startMaster,
} from "../../src/cluster/index.ts";
import { decode } from "../../src/cluster/json-bytes.ts";
import { runJob } from "../../src/executors/run-job.ts";
import type { RunOptions } from "../../src/executors/run-options.ts";
import type { TrackerInput } from "../../src/tracker/index.ts";
import { ChildNode } from "./child-node.ts";

const JOB = pathToFileURL(join(import.meta.dirname, "../executors/jobs/word-count.ts"));
const PARTITIONS = 4;

describe("a job whose processes are killed: the output is runJob's, byte for byte", () => {
  test("a worker in the map phase and one in the reduce phase", () =>
    withFolder(async (folder) => {
      const { counters: expected } = await runJob(JOB, alone(folder));
      const transport = createTcpTransport({
        nodeId: "master",
        clusterId: "test",
        listen: { port: 0 },
      });
      await transport.start();
      const killed: string[] = [];
      const killAt = (phase: string) => async (step: string, node: ChildNode) => {
        if (!step.startsWith(phase)) return;
        await node.kill();
        killed.push(`${node.name} ${phase}`);
      };
      const workers = [
        workerProcess("w1", folder, killAt("map")),
        workerProcess("w2", folder, killAt("reduce")),
        workerProcess("w3", folder, async () => {}),
      ];
      try {
        await introduce(workers, transport.address);
        const job = clusterJob(JOB, options(folder));
        const master = await startMaster(
          { ...job, heartbeatMs: 50, deadAfterMs: 1_000 },
          { transport, journal: fileJournal(join(folder, "journal")), output: job.output },
        );
        const { counters, maps } = await master.result;
        await master.stop();

        expect(killed).toEqual(["w1 map", "w2 reduce"]);
        expect(maps.tasks).toBeGreaterThan(6);
        expect(counters).toEqual(expected);
        await expectSameParts(folder);
      } finally {
        await Promise.all(workers.map((each) => each.kill()));
        await transport.stop();
      }
    }));

  // Section 3.3: a new copy of the master goes on from the last state that is in the journal.
  test.each([
    ["in the map phase", /^map-/, 5],
    ["in the reduce phase", /^reduce-/, 2],
    ["between a commit and its note in the journal", /^committed /, 2],
  ])("the master %s: no map runs twice, each task is committed once", (_when, step, times) =>
    withFolder(async (folder) => {
      const { counters: expected } = await runJob(JOB, alone(folder));
      const steps: string[] = [];
      let left = times;
      let killed = (): void => {};
      const isKilled = new Promise<void>((resolve) => (killed = resolve));
      const onStep = async (reached: string): Promise<void> => {
        steps.push(reached);
        if (!step.test(reached) || --left !== 0) return;
        await first.kill();
        killed();
      };
      const first = masterProcess(folder, 0, onStep);
      const nodes = [
        first,
        workerProcess("w1", folder, onStep),
        workerProcess("w2", folder, onStep),
      ];
      try {
        const address = await first.address;
        await introduce(nodes.slice(1), address);
        await isKilled;
        const second = masterProcess(folder, address.port, onStep);
        nodes.push(second);
        const { counters } = await second.totals;
        await second.kill();

        expect(counters).toEqual(expected);
        await expectSameParts(folder);
        const started = (kind: string): string[] => steps.filter((each) => each.startsWith(kind));
        expect(started("map-").length).toBeGreaterThan(6);
        expect(started("map-").filter((each) => !each.endsWith("-0"))).toEqual([]);
        expect(new Set(started("committed ")).size).toBe(PARTITIONS);
        expect(await committedTasks(join(folder, "journal"))).toEqual([0, 1, 2, 3]);
      } finally {
        await Promise.all(nodes.map((node) => node.kill()));
      }
    }),
  );
}, 60_000);

type OnStep = ConstructorParameters<typeof ChildNode>[3];

function workerProcess(name: string, folder: string, onStep: OnStep): ChildNode {
  return new ChildNode(name, "worker-process.ts", [join(folder, name)], onStep);
}

function masterProcess(folder: string, port: number, onStep: OnStep): ChildNode {
  const run = [String(JOB), JSON.stringify(options(folder))];
  const args = [String(port), join(folder, "journal"), ...run];
  return new ChildNode("master", "master-process.ts", args, onStep);
}

/** Tells all workers of each other and of the master. */
async function introduce(workers: readonly ChildNode[], address: TcpAddress): Promise<void> {
  const peers: Record<string, TcpAddress> = { master: address };
  for (const each of workers) peers[each.name] = await each.address;
  for (const each of workers) each.tell({ peers });
}

function common(folder: string): { input: string; partitions: number; splitBytes: number } {
  return { input: join(folder, "in"), partitions: PARTITIONS, splitBytes: 40_000 };
}

function alone(folder: string): RunOptions {
  return { ...common(folder), output: join(folder, "alone"), workers: 1 };
}

function options(folder: string): ClusterJobOptions {
  return { ...common(folder), output: join(folder, "out"), job: "words", slots: 3 };
}

async function expectSameParts(folder: string): Promise<void> {
  const names = (await readdir(join(folder, "out"))).filter((name) => name.startsWith("part-"));
  expect(names).toHaveLength(PARTITIONS);
  for (const name of names) {
    const [ours, theirs] = await Promise.all(
      ["out", "alone"].map((each) => readFile(join(folder, each, name))),
    );
    expect(ours!.equals(theirs!)).toBe(true);
  }
}

/** Of each commit in the journal the task, sorted. */
async function committedTasks(path: string): Promise<number[]> {
  const journal = fileJournal(path);
  const { records } = await journal.open();
  await journal.close();
  return records
    .slice(1) // the plan
    .map((record) => decode(record) as TrackerInput)
    .flatMap((input) => (input.kind === "committed" ? [input.attempt.task] : []))
    .sort((left, right) => left - right);
}

/** One with the job's input, removed in the end. */
async function withFolder(use: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "quorate-cluster-"));
  try {
    await mkdir(join(folder, "in"));
    for (let file = 0; file < 6; file++) {
      await writeFile(join(folder, `in/${file}.txt`), words(file));
    }
    await use(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function words(seed: number): string {
  const random = seededRandom(`words ${seed}`);
  const lines = Array.from({ length: 2_000 }, () =>
    Array.from({ length: 8 }, () => `w${Math.floor(1_000 * random.next() ** 3)}`).join(" "),
  );
  return `${lines.join("\n")}\n`;
}

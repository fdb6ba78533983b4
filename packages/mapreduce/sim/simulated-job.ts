import { crc32 } from "node:zlib";
import { integerBetween, pause, type Clock, type Random, seededRandom } from "@quorate/runtime";
import type {
  JobPlan,
  RunTask,
  TaskRequest,
  TaskResult,
  WorkerEnvironment,
} from "../src/cluster/index.ts";
import type { Disk } from "../src/disk/disk.ts";
import type { Segment, TaskReport } from "../src/task/task.ts";
import { attemptName } from "../src/tracker/index.ts";
import type { SharedOutput } from "./shared-output.ts";

/** A word count whose maps are small. Everything of it follows from its number. */
export interface SimulatedJob {
  readonly number: number;
  readonly seed: string;
  readonly splits: readonly (readonly string[])[];
  readonly partitions: number;
}

export function drawJob(number: number, seed: string): SimulatedJob {
  const random = seededRandom(`${seed}/${number}`);
  const splits = Array.from({ length: integerBetween(random, 1, 8) }, () =>
    Array.from({ length: integerBetween(random, 0, 20) }, () => `w${integerBetween(random, 0, 9)}`),
  );
  return { number, seed, splits, partitions: integerBetween(random, 0, 4) };
}

export function planOf(
  { number, splits, partitions }: SimulatedJob,
  hosts: readonly string[],
): JobPlan {
  return {
    splits: splits.map((words, at) => {
      const at1 = hosts[(at * 7) % hosts.length]!;
      return { source: 0, split: { file: `f${at}`, start: 0, end: words.length, hosts: [at1] } };
    }),
    partitions,
    spec: { job: number },
  };
}

/** The parts of the result, in a second, naive way. */
export function resultOf({ splits, partitions }: SimulatedJob): readonly string[] {
  if (partitions === 0) return splits.map((words) => lines(countsOf(words)));
  const all = countsOf(splits.flat());
  return Array.from({ length: partitions }, (_, partition) =>
    lines(new Map([...all].filter(([word]) => partitionOf(word, partitions) === partition))),
  );
}

export function countersOf(job: SimulatedJob): Readonly<Record<string, number>> {
  const counters: Record<string, number> = { "map tasks": job.splits.length };
  const words = job.splits.flat().length;
  if (words > 0) counters["words"] = words;
  if (job.partitions > 0) counters["reduce tasks"] = job.partitions;
  return Object.fromEntries(Object.entries(counters).sort(([a], [b]) => (a < b ? -1 : 1)));
}

export interface SimulatedTasks {
  readonly job: (number: number) => SimulatedJob;
  readonly clock: Clock;
  readonly random: Random;
  readonly output: SharedOutput;
  /** How many times slower than others this worker is. */
  readonly slowness: number;
  /** Whether user code and disks may go wrong by now. */
  readonly mayFail: () => boolean;
  readonly started: (job: number, name: string) => void;
  readonly damaged: () => void;
}

/** Runs the attempts of simulated jobs on one worker. */
export function simulatedTasks(tasks: SimulatedTasks): RunTask {
  return async (request, environment) => {
    const { work, spec } = request;
    const { job: number } = spec as { readonly job: number };
    const job = tasks.job(number);
    const { clock, random } = tasks;
    tasks.started(number, attemptName(work));
    const tookMs = tasks.slowness * integerBetween(random, 20, 300);
    // Some programs do not look at their signal.
    const signals = random.next() < 0.8 ? [environment.signal] : [];
    await pause(clock, tookMs / 2, signals);
    environment.onProgress?.({ records: 1, bytes: 1 });
    await pause(clock, tookMs / 2, signals);
    if (tasks.mayFail() && random.next() < 0.04) throw new Error("the user's code threw");
    return work.kind === "map"
      ? map(job, work.task, attemptName(work), environment, tasks)
      : reduce(job, request, environment, tasks);
  };
}

async function map(
  job: SimulatedJob,
  task: number,
  name: string,
  { disk, folder }: WorkerEnvironment,
  { output, clock, random, mayFail, damaged }: SimulatedTasks,
): Promise<TaskResult> {
  const words = job.splits[task]!;
  const counters = { words: words.length, "map tasks": 1 };
  const result = report(words.length > 0 ? counters : { "map tasks": 1 });
  if (job.partitions === 0) {
    await output.of(job.number, clock).write(name, lines(countsOf(words)));
    return { report: result };
  }
  const file = `${folder}/out`;
  const writer = disk.create(file);
  let position = 0;
  const segments = Array.from({ length: job.partitions }, (_, partition) => {
    const own = words.filter((word) => partitionOf(word, job.partitions) === partition);
    const bytes = new TextEncoder().encode(JSON.stringify({ name, words: own }));
    const sum = crc32(bytes);
    if (mayFail() && random.next() < 0.01) {
      bytes[Math.floor(random.next() * bytes.length)]! ^= 1;
      damaged();
    }
    writer.append(bytes);
    const at = position;
    position += bytes.length;
    const size = { bytes: bytes.length, blockBytes: bytes.length, records: own.length };
    return { file, partition, position: at, ...size, crc32: sum };
  });
  writer.close();
  return { report: result, segments };
}

async function reduce(
  job: SimulatedJob,
  { work, sources }: TaskRequest,
  { disk }: WorkerEnvironment,
  { output, clock }: SimulatedTasks,
): Promise<TaskResult> {
  if (work.kind !== "reduce") throw new Error("not a reduce");
  const parts = work.segments.map((segment) => read(disk, segment));
  const names = parts.map(({ name }) => name).join(" ");
  const expected = sources.map(({ attempt }) => attemptName(attempt)).join(" ");
  // Not an error of the user's: it must not be tried again until it is gone.
  if (names !== expected) output.wrong(`reduce got ${names}, and should have got ${expected}`);
  const text = lines(countsOf(parts.flatMap(({ words }) => words)));
  await output.of(job.number, clock).write(attemptName(work), text);
  return { report: report({ "reduce tasks": 1 }) };
}

function read(disk: Disk, { file, position, bytes }: Segment): { name: string; words: string[] } {
  const reader = disk.open(file);
  const into = new Uint8Array(bytes);
  reader.read(into, position);
  reader.close();
  return JSON.parse(new TextDecoder().decode(into)) as { name: string; words: string[] };
}

function countsOf(words: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  return counts;
}

function lines(counts: ReadonlyMap<string, number>): string {
  return [...counts]
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(([word, count]) => `${word} ${count}\n`)
    .join("");
}

function partitionOf(word: string, partitions: number): number {
  return Number(word.slice(1)) % partitions;
}

function report(counters: Readonly<Record<string, number>>): TaskReport {
  const nothing = { recordsIn: 0, recordsOut: 0, bytesIn: 0, bytesOut: 0, spills: 0, skipped: 0 };
  return { counters, ...nothing };
}

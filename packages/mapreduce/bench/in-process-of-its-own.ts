import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { fileURLToPath } from "node:url";
import type { JobResult } from "../src/executors/job-result.ts";
import { built } from "./built.ts";

/** What one run took. */
export interface Measured {
  readonly seconds: number;
  readonly rssMegabytes: number;
}

const NODE = ["--conditions=@quorate/source", "--import", "@oxc-node/core/register"];

/** Runs one of `bench/jobs` in a process of its own; its time is the job's, its memory the process's. */
export async function runOurs(
  job: string,
  input: string,
  options: Readonly<Record<string, unknown>>,
): Promise<Measured> {
  const folder = mkdtempSync(join(tmpdir(), "quorate-mapreduce-bench-out-"));
  try {
    const { times, peakRssBytes } = await runBuilt(job, input, join(folder, "out"), options);
    return { seconds: times.total / 1_000, rssMegabytes: peakRssBytes / 1e6 };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The same, with all that the job tells; what it writes is its caller's. */
export async function runBuilt(
  job: string,
  input: string,
  out: string,
  options: Readonly<Record<string, unknown>>,
): Promise<JobResult> {
  const program = join(await built(), "run-once.js");
  const run = [program, `./jobs/${job}.js`, input, out, JSON.stringify(options)];
  return JSON.parse(await output(process.execPath, run)) as JobResult;
}

/**
 * Runs a peer's shell line, with `$out` for where its result goes. Its memory is that of all its
 * processes together, looked at 20 times a second.
 */
export async function runShell(line: string): Promise<Measured> {
  const folder = mkdtempSync(join(tmpdir(), "quorate-mapreduce-bench-out-"));
  try {
    const script = `out=${folder}/out; export LC_ALL=C TMPDIR=${folder}; ${line}`;
    const startedAt = performance.now();
    const rssMegabytes = await peakOf(spawn("sh", ["-c", script], { stdio: "inherit" }));
    return { seconds: (performance.now() - startedAt) / 1_000, rssMegabytes };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Runs a program of this folder, and takes its time from outside. */
export async function runProgram(name: string, ...programArguments: string[]): Promise<Measured> {
  const program = fileURLToPath(new URL(name, import.meta.url));
  return JSON.parse(
    await output(process.execPath, [...NODE, program, ...programArguments]),
  ) as Measured;
}

async function output(command: string, commandArguments: readonly string[]): Promise<string> {
  const child = spawn(command, commandArguments, { stdio: ["ignore", "pipe", "inherit"] });
  const chunks: Buffer[] = [];
  child.stdout.on("data", (chunk: Buffer) => chunks.push(chunk));
  const [code] = (await once(child, "close")) as [number];
  if (code !== 0) throw new Error(`${command} ${commandArguments.join(" ")} ended with ${code}`);
  return Buffer.concat(chunks).toString();
}

/** The most resident megabytes that the shell and what it runs were seen to have together. */
async function peakOf(shell: ChildProcess): Promise<number> {
  const ended = once(shell, "close");
  let peak = 0;
  const timer = setInterval(() => {
    peak = Math.max(peak, residentMegabytes(shell.pid!));
  }, 50);
  const [code] = (await ended) as [number];
  clearInterval(timer);
  if (code !== 0) throw new Error(`a peer ended with ${code}`);
  return peak;
}

function residentMegabytes(pid: number): number {
  try {
    const status = readFileSync(`/proc/${pid}/status`, "utf8");
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim();
    const own = Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1e3;
    const below = children === "" ? [] : children.split(" ").map(Number);
    return below.reduce((total, child) => total + residentMegabytes(child), own);
  } catch {
    return 0; // It has just ended.
  }
}

import { writeFile } from "node:fs/promises";
import { runMain, UsageError } from "@quorate/command-line";
import {
  type CheckResult,
  formatHistory,
  type Invocation,
  keyValueModel,
  type Model,
  mutexModel,
  type Operation,
  violationPage,
} from "@quorate/simulation/checker";
import { parseCommand, USAGE } from "./arguments.ts";
import { Progress } from "./progress.ts";
import { tableOf } from "./report-table.ts";
import { isGood, reportOf } from "./report.ts";
import { type ChaosResult, runChaos } from "./run-chaos.ts";

const EXIT_INTERRUPTED = 130;

/** `pnpm chaos`: stdout gets the result and nothing else; exit code 1 when something is wrong. */
async function main(): Promise<void> {
  const interrupted = interruption();
  const startedAt = Math.floor(Date.now() / 1_000);
  const command = parseCommand(process.argv.slice(2), startedAt);
  const { minutes, seed, json, history } = command;
  if (history !== undefined) await tryToWrite(history);
  const progress = new Progress(process.stderr, minutes * 60, () => performance.now());
  progress.onPhase(`${minutes} minutes, seed ${seed}`);
  const result = await runChaos(command, { watcher: progress, signal: interrupted }).catch(
    (error: unknown) => {
      if (!interrupted.aborted) throw error;
      process.exit(EXIT_INTERRUPTED); // before there was anything to check
    },
  );
  const report = reportOf(seed, result);
  if (history !== undefined) await writeFile(history, historyOf(result));
  process.stdout.write(json ? `${JSON.stringify(report)}\n` : tableOf(report));
  if (isGood(result)) return;
  process.exitCode = 1;
  await keepEvidence(`chaos-${seed}`, result);
}

/** Before the run, not after it. @throws {UsageError} */
async function tryToWrite(history: string): Promise<void> {
  await writeFile(history, "").catch((cause: Error) => {
    throw new UsageError(`--history: ${cause.message}`, { cause });
  });
}

/** The first Ctrl-C ends the run early and cleans up, the second ends it at once. */
function interruption(): AbortSignal {
  const controller = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(signal, () => {
      if (controller.signal.aborted) process.exit(EXIT_INTERRUPTED);
      controller.abort();
    });
  }
  return controller.signal;
}

/** Of all workloads; their operations, and what these are about, have names of their own. */
function historyOf({ kv, lock }: ChaosResult): string {
  return formatHistory(kv?.history ?? []) + formatHistory(lock?.history ?? []);
}

/** Into the working directory: what a person needs to see what was wrong. */
async function keepEvidence(name: string, { kv, lock }: ChaosResult): Promise<void> {
  if (kv) await keep(name, kv, keyValueModel());
  if (lock) await keep(`${name}-lock`, lock, mutexModel());
  const lost = kv?.effects?.lost ?? [];
  if (lost.length > 0) process.stderr.write(`lost: ${lost.join(", ")}\n`);
}

async function keep<State, Input extends Invocation, Output>(
  name: string,
  workload: {
    readonly history: readonly Operation<Input, Output>[];
    readonly check: CheckResult<Input, Output>;
  },
  model: Model<State, Input, Output>,
): Promise<void> {
  const { history, check } = workload;
  await writeFile(`${name}.jsonl`, formatHistory(history));
  process.stderr.write(`chaos: the history is in ${name}.jsonl\n`);
  if (check.kind !== "violation") return;
  await writeFile(`${name}.html`, violationPage(check, model));
  process.stderr.write(`chaos: a picture of the violation is in ${name}.html\n`);
}

await runMain(main, USAGE);

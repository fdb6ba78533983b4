import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { runMain, UsageError } from "@quorate/command-line";
import type { SimulationTarget } from "@quorate/simulation";
import cliProgress from "cli-progress";
import { type Command, parseCommand, USAGE } from "./arguments.ts";
import { Campaign, type Summary } from "./campaign.ts";
import {
  MUTANTS_USAGE,
  type MutantsCommand,
  parseMutantsCommand,
} from "./mutants/mutants-command.ts";
import { mutantLine, mutantsJson } from "./mutants/mutants-report.ts";
import { runMutants } from "./mutants/run-mutants.ts";
import { targetFile, targetFiles } from "./target-files.ts";

const PACKAGES = join(import.meta.dirname, "../../../packages");

/** `pnpm sim`: stdout gets the result and nothing else; exit code 1 on any failure. */
async function main(args: readonly string[]): Promise<void> {
  if (args[0] === "mutants") await hunt(parseMutantsCommand(args.slice(1)));
  // Whole seconds: another set of seeds in each run, and short enough to be typed.
  else await run(parseCommand(args, Math.floor(Date.now() / 1_000)));
}

async function run(command: Command): Promise<void> {
  const startedAt = performance.now();
  const target = await load(command.target);
  const campaign = new Campaign(target, {
    commit: commitOf(),
    twice: command.twice,
    ...(command.only && { only: command.only }),
  });
  await runAll(command, campaign, startedAt);
  const seconds = (performance.now() - startedAt) / 1_000;
  process.stdout.write(
    command.json
      ? `${JSON.stringify(asJson(campaign.summary, seconds))}\n`
      : text(campaign, seconds),
  );
  const { failures, coverage } = campaign.summary;
  const idle = Object.entries(coverage).filter(([, count]) => count === 0);
  if (command.seeds > 1 && idle.length > 0) {
    process.stderr.write(`never exercised: ${idle.map(([name]) => name).join(", ")}\n`);
  }
  if (failures.length > 0) process.exitCode = 1;
}

async function hunt(command: MutantsCommand): Promise<void> {
  const bar = new cliProgress.SingleBar({
    format: "{bar} {value} of {total} mutants, {eta_formatted} left",
    stream: process.stderr,
    noTTYOutput: false,
  });
  const results = await runMutants(PACKAGES, command, {
    begins: (mutants) => bar.start(mutants, 0),
    ended: (result) => {
      bar.increment();
      process.stderr.write(`\n${mutantLine(result)}\n`);
    },
  });
  bar.stop();
  const printed = command.json ? [JSON.stringify(mutantsJson(results))] : results.map(mutantLine);
  process.stdout.write(`${printed.join("\n")}\n`);
  if (results.some(({ hunted }) => !hunted.found)) process.exitCode = 1;
}

async function runAll(command: Command, campaign: Campaign, startedAt: number): Promise<void> {
  const bar = new cliProgress.SingleBar({
    format: "{bar} {value} seeds, {rate}/s, {failures} failed, {eta_formatted} left",
    stream: process.stderr,
    noTTYOutput: false,
  });
  const { firstSeed, seeds, minutes, mode } = command;
  const endMs = minutes === undefined ? Infinity : startedAt + minutes * 60_000;
  bar.start(Number.isFinite(seeds) ? seeds : 0, 0, { rate: "0", failures: 0 });
  for (let at = 0; at < seeds && performance.now() < endMs && !campaign.isOver; at++) {
    const seed = firstSeed + at;
    const modes = mode ? [mode] : (["safety", "liveness"] as const);
    const report = await campaign.run(seed, modes[seed % modes.length]!);
    const rate = ((at + 1) / ((performance.now() - startedAt) / 1_000)).toFixed(1);
    bar.setTotal(Number.isFinite(seeds) ? seeds : at + 1);
    bar.update(at + 1, { rate, failures: campaign.summary.failures.length });
    if (report) process.stderr.write(`\n${report.text}\n\n`);
  }
  bar.stop();
}

async function load(name: string): Promise<SimulationTarget> {
  const file = targetFile(PACKAGES, name);
  if (!file) {
    const names = targetFiles(PACKAGES).map((each) => each.replace(/.*\/(.*)\.sim\.ts$/, "$1"));
    throw new UsageError(`there is no target "${name}"; there are: ${names.join(", ")}`);
  }
  const { default: target } = (await import(pathToFileURL(file).href)) as {
    readonly default: SimulationTarget;
  };
  return target;
}

function commitOf(): string {
  try {
    return execFileSync("git", ["describe", "--always", "--dirty"], {
      encoding: "utf8",
      cwd: PACKAGES,
      stdio: ["ignore", "pipe", "ignore"],
    }).trim();
  } catch {
    return "unknown"; // an exported tree has no history
  }
}

function asJson(summary: Summary, seconds: number): Record<string, unknown> {
  const { target, seeds, failures, operations, faults, coverage, events } = summary;
  return {
    target,
    seeds,
    failures,
    operations,
    faults,
    coverage,
    eventsPerSecond: Math.round(events / seconds),
    simulatedMinutesPerMinute: round(summary.simulatedMinutes / (seconds / 60)),
  };
}

function text({ summary }: Campaign, seconds: number): string {
  const { target, seeds, failures, operations, faults, coverage, simulatedMinutes } = summary;
  const speed = round(simulatedMinutes / (seconds / 60));
  return [
    `${target}: ${seeds} seeds, ${failures.length} failed, ${operations} operations`,
    `${round(simulatedMinutes)} simulated minutes in ${round(seconds)} s (${speed} × real time)`,
    "exercised:",
    ...lines(coverage),
    "faults:",
    ...lines(faults),
    "",
  ].join("\n");
}

function lines(counts: Readonly<Record<string, number>>): string[] {
  return Object.entries(counts).map(([name, count]) => `${String(count).padStart(10)} ${name}`);
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

const typed = process.argv.slice(2);
await runMain(() => main(typed), typed[0] === "mutants" ? MUTANTS_USAGE : USAGE);

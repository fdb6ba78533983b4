import { Console } from "node:console";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { runMain, UsageError } from "@quorate/command-line";
import colors from "picocolors";
import { parseCommand, USAGE } from "./arguments.ts";
import { benchFiles, packagesWithBenches } from "./bench-files.ts";
import type { Bench } from "./define-bench.ts";
import { describeMachine } from "./machine.ts";
import type { Row } from "./measured.ts";
import { table } from "./report.ts";

const PACKAGES = join(import.meta.dirname, "../../../packages");

/** `pnpm bench`: stdout gets the report and nothing else. An unmet goal is no failure. */
async function main(): Promise<void> {
  const command = parseCommand(process.argv.slice(2));
  const files = benchFiles(PACKAGES, command.package);
  if (files.length === 0) {
    const others = packagesWithBenches(PACKAGES).join(", ") || "none";
    throw new UsageError(`no bench for "${command.package}"; packages that have one: ${others}`);
  }
  // What a bench or a peer prints must not end up inside the JSON.
  globalThis.console = new Console(process.stderr, process.stderr);
  const machine = await describeMachine();
  const rows: Row[] = [];
  for (const file of files) {
    const { default: bench } = (await import(pathToFileURL(file).href)) as { default: Bench };
    for (const row of await bench(command.options)) if (row) rows.push(row);
  }
  if (rows.length === 0) throw new UsageError(`no case contains "${command.options.case}"`);
  const report = { package: command.package, machine, rows };
  process.stdout.write(`${command.json ? JSON.stringify(report) : table(report, colors)}\n`);
}

await runMain(main, USAGE);

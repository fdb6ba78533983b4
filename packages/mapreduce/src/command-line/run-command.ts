import { Command } from "commander";
import { byteCount, positive, wholeNumber } from "./amounts.ts";
import type { RunArguments } from "./run-arguments.ts";

const EXAMPLES = `
Examples:
  quorate-mapreduce run job.ts --input 'logs/*.gz' --output errors
  quorate-mapreduce run job.ts --input - --output words < text     read standard input
  quorate-mapreduce run job.ts --output words --overwrite --memory 2gb --workers 8
  quorate-mapreduce run job.ts --output words --dry-run            what would be done
  quorate-mapreduce run job.ts --output words --json               a report for programs

A job is a module whose default export is what defineJob, defineMapJob or defineChain returns.`;

/** `quorate-mapreduce run`: one job on this machine, until it is done or Ctrl-C. */
export function runCommand(): Command {
  return new Command("run")
    .description("Run a job on this machine.")
    .argument("<job>", "the job's module: a .js or .ts file")
    .requiredOption("-o, --output <folder>", "where the result goes; it appears when all is done")
    .option("-i, --input <path...>", "files, folders, globs, or - (default: what the job says)")
    .option("-w, --workers <threads>", "how many threads (default: all cores)", positive)
    .option("-m, --memory <amount>", "what it may take in all", byteCount, 512 * 2 ** 20)
    .option("-p, --partitions <count>", "parts of the result (default: one a thread)", positive)
    .option("--split <amount>", "input that one task reads (default: up to 64mb)", byteCount)
    .option("--overwrite", "replace the result of an earlier run")
    .option("--skip-bad <records>", "set aside so many bad records instead of failing", wholeNumber)
    .option("--max-record <amount>", "a longer record is a bad one (default: 16mb)", byteCount)
    .option("--compress", "compress what goes from map to reduce")
    .option("--scratch <folder>", "where that is kept meanwhile (default: for temporary files)")
    .option("--status-port <number>", "show the job's progress as a page on 127.0.0.1", wholeNumber)
    .option("--dry-run", "show splits and plan, and run nothing")
    .option("--json", "print the result as one JSON object, and no progress")
    .addHelpText("after", EXAMPLES)
    .action(async (job: string, options: RunArguments) =>
      (await import("./run-job-command.ts")).runJobCommand(job, options),
    );
}

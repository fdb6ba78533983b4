import { Command } from "commander";
import pc from "picocolors";
import { MapReduceError } from "../mapreduce-error.ts";
import { runCommand } from "./run-command.ts";
import { streamingCommand } from "./streaming-command.ts";

/** Of a job that failed. */
const EXIT_FAILED = 1;
/** Of a wrong command line, or a job that could not start. */
const EXIT_USAGE = 2;
/** What a shell calls the end by Ctrl-C. */
const EXIT_INTERRUPTED = 130;

/** Runs the command that `argv` (as of `process.argv`) asks for, and sets `process.exitCode`. */
export async function runCommandLine(argv: readonly string[]): Promise<void> {
  const program = new Command("quorate-mapreduce")
    .description("MapReduce jobs on this machine's cores, or as Hadoop Streaming executables.")
    .exitOverride((end) => process.exit(end.exitCode === 0 ? 0 : EXIT_USAGE));
  // Copies the settings above, so it comes after them.
  program.addCommand(runCommand().copyInheritedSettings(program));
  program.addCommand(streamingCommand().copyInheritedSettings(program));
  try {
    await program.parseAsync([...argv]);
  } catch (error) {
    process.stderr.write(`${pc.red("quorate-mapreduce:")} ${inWords(error)}\n`);
    process.exitCode = exitCodeOf(error);
  }
}

/** Ours in a line, with what the job's own code threw; of others where they come from. */
function inWords(error: unknown): string {
  if (!(error instanceof MapReduceError)) return String((error as Error).stack ?? error);
  const { message, cause } = error;
  if (error.code !== "bad-record" && error.code !== "task-failed") return message;
  const stack = cause instanceof Error ? cause.stack : undefined;
  return stack === undefined || cause instanceof MapReduceError ? message : `${message}\n${stack}`;
}

function exitCodeOf(error: unknown): number {
  if (!(error instanceof MapReduceError)) return EXIT_FAILED;
  switch (error.code) {
    case "aborted":
      return EXIT_INTERRUPTED;
    case "invalid-job":
    case "output-exists":
      return EXIT_USAGE;
    default:
      return EXIT_FAILED;
  }
}

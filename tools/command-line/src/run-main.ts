import { inspect } from "node:util";
import { UsageError } from "./usage-error.ts";

const EXIT_FAILED = 1;
const EXIT_USAGE = 2;

/**
 * Runs a command, or prints `usage` when asked for help. The one who typed wrong needs the message and `usage`, and exit code 2; the one who
 * has to mend the command needs the stack.
 */
export async function runMain(main: () => Promise<void>, usage: string): Promise<void> {
  if (process.argv.some((argument) => argument === "--help" || argument === "-h")) {
    process.stdout.write(`${usage}\n`);
    return;
  }
  try {
    await main();
  } catch (error) {
    const isUsage = error instanceof UsageError;
    process.stderr.write(isUsage ? `${error.message}\n${usage}\n` : `${inspect(error)}\n`);
    process.exitCode = isUsage ? EXIT_USAGE : EXIT_FAILED;
  }
}

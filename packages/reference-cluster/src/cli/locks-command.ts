import { Command } from "commander";
import { wholeNumber } from "./numbers.ts";
import type { LocksOptions } from "./run-locks.ts";

/** `quorate locks`: who holds the locks of a cluster that runs. */
export function locksCommand(): Command {
  return new Command("locks")
    .description("List the locks of a cluster that runs: who holds each, and how many wait.")
    .option("--port <number>", "of its gateway", wholeNumber, 8_080)
    .option("--json", "print them as one JSON object")
    .action(async (options: LocksOptions) => (await import("./run-locks.ts")).runLocks(options));
}

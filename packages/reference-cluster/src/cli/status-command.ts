import { Command } from "commander";
import { wholeNumber } from "./numbers.ts";
import type { StatusOptions } from "./run-status.ts";

/** `quorate status`: what a cluster that runs says of itself. */
export function statusCommand(): Command {
  return new Command("status")
    .description("Show the shards, the nodes and the order services of a cluster that runs.")
    .option("--port <number>", "of its gateway", wholeNumber, 8_080)
    .option("--json", "print all that its gateway knows as one JSON object")
    .action(async (options: StatusOptions) => (await import("./run-status.ts")).runStatus(options));
}

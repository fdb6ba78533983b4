import { Command } from "commander";
import { wholeNumber } from "./numbers.ts";
import type { LiveOptions } from "./run-live.ts";

const EXAMPLES = `
Examples:
  quorate live                 redrawn each second, until Ctrl-C
  quorate live --once --json   all of the last 15 minutes, as one JSON object
  curl http://127.0.0.1:8080/live?minutes=60`;

/** `quorate live`: what a cluster that runs counts while orders come. */
export function liveCommand(): Command {
  return new Command("live")
    .description("Show orders and revenue by district and minute, top dishes and couriers' delay.")
    .option("--port <number>", "of the cluster's gateway", wholeNumber, 8_080)
    .option("--once", "show them once, and end")
    .option("--json", "as JSON: one object, or without --once one a line, each second")
    .addHelpText("after", EXAMPLES)
    .action(async (options: LiveOptions) => (await import("./run-live.ts")).runLive(options));
}

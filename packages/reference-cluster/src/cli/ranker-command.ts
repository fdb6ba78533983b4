import { Command } from "commander";
import type { RankerArguments } from "./run-ranker.ts";

/** `quorate ranker`: what is started for each worker of a ranking. */
export function rankerCommand(): Command {
  return new Command("ranker")
    .requiredOption("--id <name>")
    .requiredOption("--cluster <id>")
    .requiredOption("--data <folder>")
    .requiredOption("--peers <id=host:port...>")
    .action(async (options: RankerArguments) =>
      (await import("./run-ranker.ts")).runRanker(options),
    );
}

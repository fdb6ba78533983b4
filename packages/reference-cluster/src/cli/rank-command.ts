import { Command } from "commander";
import { positive, wholeNumber } from "./numbers.ts";
import type { RankOptions } from "./run-rank.ts";

/** `quorate rank`: the ranking of merchants by the reviews that a cluster has now. */
export function rankCommand(): Command {
  return new Command("rank")
    .description("Rank the merchants by their reviews: a MapReduce job on workers of the cluster.")
    .option("--port <number>", "of its gateway", wholeNumber, 8_080)
    .option("--top <count>", "how many to show", positive, 20)
    .option("--json", "print all of them as one JSON object")
    .action(async (options: RankOptions) => (await import("./run-rank.ts")).runRank(options));
}

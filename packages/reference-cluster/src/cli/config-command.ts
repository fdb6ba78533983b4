import { Command } from "commander";
import { wholeNumber } from "./numbers.ts";
import type { ConfigOptions } from "./run-config.ts";

const EXAMPLES = `
Examples:
  quorate config get
  quorate config set features.acceptOrders false   take no new orders, answer reads`;

/** `quorate config`: the configuration that all nodes share, in a Paxos register. */
export function configCommand(): Command {
  const config = new Command("config")
    .description("Show or change the configuration of a cluster that runs.")
    .addHelpText("after", EXAMPLES);
  config
    .command("get")
    .description("Show it.")
    .option("--port <number>", "of the cluster's gateway", wholeNumber, 8_080)
    .option("--json", "as one JSON object")
    .action(async (options: ConfigOptions) => (await import("./run-config.ts")).getConfig(options));
  config
    .command("set")
    .description("Change one setting; every node sees it within a second.")
    .argument("<name>", "such as features.acceptOrders")
    .argument("<value>", "true or false")
    .option("--port <number>", "of the cluster's gateway", wholeNumber, 8_080)
    .option("--json", "show what it is then, as one JSON object")
    .action(async (name: string, value: string, options: ConfigOptions) =>
      (await import("./run-config.ts")).setConfig(name, value, options),
    );
  return config;
}

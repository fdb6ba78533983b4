import { Command, InvalidArgumentError, Option } from "commander";
import { CONSENSUS_NAMES } from "../node/consensus.ts";
import { positive, wholeNumber } from "./numbers.ts";
import type { UpOptions } from "./up-options.ts";

const EXAMPLES = `
Examples:
  quorate up                              nodes, order services, a gateway on port 8080, a steady load
  quorate up --nodes 5 --no-workload      five nodes, and only your own requests
  quorate up --nodes 5 --shards 8         orders spread over eight groups
  quorate up --consensus paxos            agree by Multi-Paxos in place of Raft
  quorate up --services 5                 five order services behind the gateway
  quorate up --data ./orders --port 9000  keep the data there; it survives a restart
  quorate up --once                       the acceptance run: kill leaders and a service, lose nothing
  quorate up --once --json --input orders.jsonl`;

/** `quorate up`: a cluster, its gateway and a load, until Ctrl-C or to the end of one run. */
export function upCommand(): Command {
  return new Command("up")
    .description("Start a cluster, its HTTP gateway and a load of food orders.")
    .addOption(
      new Option("--nodes <count>", "how many nodes (default: those of the folder, or 3)")
        .choices(["3", "5", "7"])
        .argParser((text) => oneOf(text, [3, 5, 7])),
    )
    .option(
      "--shards <count>",
      "over how many groups orders are spread (default: those of the folder, or 3)",
      positive,
    )
    .addOption(
      new Option(
        "--consensus <name>",
        "how replicas agree (default: as the folder's do, or raft)",
      ).choices(CONSENSUS_NAMES),
    )
    .option("--services <count>", "over how many order services the gateway balances", positive, 3)
    .option("--dispatchers <count>", "how many line up to send couriers, 0 to 4", wholeNumber, 2)
    .option("--no-live", "do not count orders while they come")
    .option("--data <folder>", "where to keep the data (default: ./.quorate; --once: a new folder)")
    .option(
      "--port <number>",
      "of the gateway, 0 for any (default: 8080; --once: any)",
      wholeNumber,
    )
    .option("--no-workload", "place no orders")
    .option("--rate <orders>", "orders a second of the steady load", positive, 100)
    .option(
      "--once",
      "place orders, kill two leaders and a service meanwhile, check everything, end",
    )
    .option("--json", "with --once: print the result as one JSON object")
    .option("--orders <count>", "with --once: how many", positive, 20_000)
    .option(
      "--concurrency <callers>",
      "with --once: who place orders at the same time",
      positive,
      64,
    )
    .option("--input <file>", "with --once: place the orders of this file, one JSON object a line")
    .option("--seed <text>", "of the generated orders", "2026")
    .addHelpText("after", EXAMPLES)
    .action(run);
}

// Loaded when it is known which: help and usage errors come at once.
async function run(options: UpOptions): Promise<void> {
  if (options.once) await (await import("./run-acceptance.ts")).runAcceptance(options);
  else await (await import("./run-up.ts")).runUp(options);
}

function oneOf(text: string, allowed: readonly number[]): number {
  if (allowed.includes(Number(text))) return Number(text);
  throw new InvalidArgumentError(`Allowed choices are ${allowed.join(", ")}.`);
}

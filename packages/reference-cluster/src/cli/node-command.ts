import { Command, Option } from "commander";
import { CONSENSUS_NAMES } from "../node/consensus.ts";
import type { NodeArguments } from "../node/node-options.ts";

/** `quorate node`: what `quorate up` starts for each node. */
export function nodeCommand(): Command {
  return new Command("node")
    .requiredOption("--id <name>")
    .requiredOption("--cluster <id>")
    .requiredOption("--data <folder>")
    .requiredOption("--peers <id=host:port...>")
    .requiredOption("--shards <name...>")
    .addOption(new Option("--consensus <name>").choices(CONSENSUS_NAMES).default("raft"))
    .option("--bootstrap")
    .action(async (options: NodeArguments) => (await import("./run-node.ts")).runNode(options));
}

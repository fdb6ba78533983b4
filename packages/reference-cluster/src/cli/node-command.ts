import { Command } from "commander";
import type { NodeArguments } from "../node/node-options.ts";

/** `quorate node`: what `quorate up` starts for each node. */
export function nodeCommand(): Command {
  return new Command("node")
    .requiredOption("--id <name>")
    .requiredOption("--cluster <id>")
    .requiredOption("--data <folder>")
    .requiredOption("--peers <id=host:port...>")
    .requiredOption("--shards <name...>")
    .action(async (options: NodeArguments) => (await import("./run-node.ts")).runNode(options));
}

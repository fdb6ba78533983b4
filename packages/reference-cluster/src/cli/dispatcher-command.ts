import { Command } from "commander";
import type { ServiceArguments } from "../service/service-options.ts";

/** `quorate dispatcher`: what `quorate up` starts for each dispatcher. */
export function dispatcherCommand(): Command {
  return new Command("dispatcher")
    .requiredOption("--id <name>")
    .requiredOption("--cluster <id>")
    .requiredOption("--peers <id=host:port...>")
    .requiredOption("--ring <json>")
    .action(async (options: ServiceArguments) =>
      (await import("./run-dispatcher.ts")).runDispatcher(options),
    );
}

import { Command } from "commander";
import type { ServiceArguments } from "../service/service-options.ts";

/** `quorate service`: what `quorate up` starts for each order service. */
export function serviceCommand(): Command {
  return new Command("service")
    .requiredOption("--id <name>")
    .requiredOption("--cluster <id>")
    .requiredOption("--peers <id=host:port...>")
    .requiredOption("--ring <json>")
    .action(async (options: ServiceArguments) =>
      (await import("./run-service.ts")).runService(options),
    );
}

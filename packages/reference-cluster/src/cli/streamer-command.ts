import { Command } from "commander";
import { constants, setPriority } from "node:os";
import type { StreamerArguments } from "./run-streamer.ts";

/** `quorate streamer`: what `quorate up` starts to count orders while they come. */
export function streamerCommand(): Command {
  return new Command("streamer")
    .requiredOption("--id <name>")
    .requiredOption("--cluster <id>")
    .requiredOption("--peers <id=host:port...>")
    .requiredOption("--ring <json>")
    .requiredOption("--data <folder>")
    .action(async (options: StreamerArguments) => {
      // Orders go before their counts, also while this process is loaded.
      setPriority(constants.priority.PRIORITY_BELOW_NORMAL);
      await (await import("./run-streamer.ts")).runStreamer(options);
    });
}

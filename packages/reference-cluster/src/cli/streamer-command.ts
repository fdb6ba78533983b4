import { Command } from "commander";
import type { StreamerArguments } from "./run-streamer.ts";

/** `quorate streamer`: what `quorate up` starts to count orders while they come. */
export function streamerCommand(): Command {
  return new Command("streamer")
    .requiredOption("--id <name>")
    .requiredOption("--cluster <id>")
    .requiredOption("--peers <id=host:port...>")
    .requiredOption("--ring <json>")
    .requiredOption("--data <folder>")
    .action(async (options: StreamerArguments) =>
      (await import("./run-streamer.ts")).runStreamer(options),
    );
}

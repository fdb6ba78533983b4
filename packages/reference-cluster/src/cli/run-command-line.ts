import { Command } from "commander";
import pc from "picocolors";
import { ClusterError } from "../cluster-error.ts";
import { configCommand } from "./config-command.ts";
import { dispatcherCommand } from "./dispatcher-command.ts";
import { liveCommand } from "./live-command.ts";
import { locksCommand } from "./locks-command.ts";
import { nodeCommand } from "./node-command.ts";
import { rankCommand } from "./rank-command.ts";
import { rankerCommand } from "./ranker-command.ts";
import { serviceCommand } from "./service-command.ts";
import { statusCommand } from "./status-command.ts";
import { streamerCommand } from "./streamer-command.ts";
import { upCommand } from "./up-command.ts";

/** Of a wrong command line, or what could not start. */
const EXIT_USAGE = 2;

/** Runs the command that `argv` (as of `process.argv`) asks for, and sets `process.exitCode`. */
export async function runCommandLine(argv: readonly string[]): Promise<void> {
  const program = new Command("quorate")
    .description("A food-ordering platform in miniature, on a replicated store of real processes.")
    .addHelpText("after", "\nStart with `quorate up`; `quorate up --help` has examples.")
    .exitOverride((end) => process.exit(end.exitCode === 0 ? 0 : EXIT_USAGE))
    .configureHelp({ showGlobalOptions: true });
  // Copies the settings above, so it comes after them.
  program.addCommand(upCommand().copyInheritedSettings(program));
  program.addCommand(statusCommand().copyInheritedSettings(program));
  program.addCommand(configCommand().copyInheritedSettings(program));
  program.addCommand(locksCommand().copyInheritedSettings(program));
  program.addCommand(rankCommand().copyInheritedSettings(program));
  program.addCommand(liveCommand().copyInheritedSettings(program));
  program.addCommand(dispatcherCommand(), { hidden: true });
  program.addCommand(nodeCommand(), { hidden: true });
  program.addCommand(rankerCommand(), { hidden: true });
  program.addCommand(serviceCommand(), { hidden: true });
  program.addCommand(streamerCommand(), { hidden: true });
  try {
    await program.parseAsync(argv);
  } catch (error) {
    const message = error instanceof ClusterError ? error.message : String((error as Error).stack);
    process.stderr.write(`${pc.red("quorate:")} ${message}\n`);
    process.exitCode = EXIT_USAGE;
  }
}

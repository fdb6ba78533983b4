import { Argument, Command } from "commander";

const ROLES = ["map", "combine", "reduce"] as const;

const EXAMPLES = `
Examples:
  quorate-mapreduce streaming map job.js < text | LC_ALL=C sort -t$'\\t' -k1,1 \\
    | quorate-mapreduce streaming reduce job.js

  hadoop jar hadoop-streaming.jar -files job.js -input in -output out \\
    -mapper 'quorate-mapreduce streaming map job.js' \\
    -combiner 'quorate-mapreduce streaming combine job.js' \\
    -reducer 'quorate-mapreduce streaming reduce job.js'`;

/** `quorate-mapreduce streaming`: a part of a job as an executable of Hadoop Streaming. */
export function streamingCommand(): Command {
  return new Command("streaming")
    .description("Be the mapper, combiner or reducer of Hadoop Streaming: lines in, lines out.")
    .addArgument(new Argument("<role>", "which part").choices(ROLES))
    .argument("<job>", "the job's module: a .js or .ts file")
    .addHelpText("after", EXAMPLES)
    .action(async (role: (typeof ROLES)[number], job: string) =>
      (await import("./run-streaming-command.ts")).runStreamingCommand(role, job),
    );
}

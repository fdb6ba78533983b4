/** Writes lines to standard output for ever; says on standard error what ends that. */
import { linesSink } from "../../../src/connectors/lines/index.ts";
import type { StreamError } from "../../../src/index.ts";

const writer = await linesSink<string>(process.stdout).open({ id: "out", subtask: 0, subtasks: 1 });
try {
  for (;;) await writer.write(["line", "another line"]);
} catch (error) {
  const { code, cause } = error as StreamError;
  console.error(`${code} ${(cause as NodeJS.ErrnoException).code}`);
}

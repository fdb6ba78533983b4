import { parseArgs } from "node:util";
import type { BenchOptions } from "./define-bench.ts";

export const USAGE = "usage: pnpm bench <package> [--json] [--quick] [--case TEXT] [--runs N]";

/** The command line, understood. */
export interface Command {
  readonly package: string;
  readonly json: boolean;
  readonly options: BenchOptions;
}

/** What was typed cannot be done; the message says why. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** @throws {UsageError} */
export function parseCommand(args: readonly string[]): Command {
  const { values, positionals } = parsed(args);
  const [name, ...more] = positionals;
  if (name === undefined || more.length > 0) throw new UsageError("name one package");
  const runs = Number(values.runs ?? (values.quick ? 1 : 5));
  if (!(Number.isInteger(runs) && runs >= 1)) {
    throw new UsageError(`--runs must be a whole number from 1, not ${values.runs}`);
  }
  return {
    package: name.replace(/^@quorate\//, ""),
    json: values.json,
    options: {
      runs,
      quick: values.quick,
      ...(values.case !== undefined && { case: values.case }),
    },
  };
}

const OPTIONS = {
  json: { type: "boolean", default: false },
  quick: { type: "boolean", default: false },
  case: { type: "string" },
  runs: { type: "string" },
} as const;

function parsed(
  args: readonly string[],
): ReturnType<typeof parseArgs<{ options: typeof OPTIONS; allowPositionals: true }>> {
  try {
    return parseArgs({ args: [...args], allowPositionals: true, options: OPTIONS });
  } catch (error) {
    throw new UsageError((error as Error).message, { cause: error });
  }
}

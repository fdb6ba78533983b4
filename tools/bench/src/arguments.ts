import { parsed, UsageError } from "@quorate/command-line";
import type { BenchOptions } from "./define-bench.ts";

export const USAGE = "usage: pnpm bench <package> [--json] [--quick] [--case TEXT] [--runs N]";

/** The command line, understood. */
export interface Command {
  readonly package: string;
  readonly json: boolean;
  readonly options: BenchOptions;
}

/** @throws {UsageError} */
export function parseCommand(args: readonly string[]): Command {
  const { values, positionals } = parsed({
    args: [...args],
    allowPositionals: true,
    options: OPTIONS,
  });
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

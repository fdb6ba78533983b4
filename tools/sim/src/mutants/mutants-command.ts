import { parseArgs } from "node:util";
import { UsageError } from "../usage-error.ts";

export const MUTANTS_USAGE = "usage: pnpm sim mutants [--seeds N] [--only TEXT] [--json]";

/** The command line of `pnpm sim mutants`, understood. */
export interface MutantsCommand {
  readonly json: boolean;
  /** Seeds that are tried before a bug counts as escaped. @default as its target says */
  readonly maxSeeds: number | undefined;
  /** Only bugs whose target or name contain this. */
  readonly only: string;
}

/** @throws {UsageError} */
export function parseMutantsCommand(args: readonly string[]): MutantsCommand {
  const { json, seeds, only } = parsed(args);
  const maxSeeds = seeds === undefined ? undefined : Number(seeds);
  if (maxSeeds !== undefined && (!Number.isInteger(maxSeeds) || maxSeeds < 1)) {
    throw new UsageError(`--seeds must be a whole number from 1, not ${seeds}`, MUTANTS_USAGE);
  }
  return { json, maxSeeds, only };
}

const OPTIONS = {
  json: { type: "boolean", default: false },
  seeds: { type: "string" },
  only: { type: "string", default: "" },
} as const;

function parsed(
  args: readonly string[],
): ReturnType<typeof parseArgs<{ options: typeof OPTIONS }>>["values"] {
  try {
    return parseArgs({ args: [...args], options: OPTIONS }).values;
  } catch (cause) {
    throw new UsageError((cause as Error).message, MUTANTS_USAGE, { cause });
  }
}

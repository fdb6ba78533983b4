import { parsed, UsageError } from "@quorate/command-line";

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
  const { json, seeds, only } = parsed({ args: [...args], options: OPTIONS }).values;
  const maxSeeds = seeds === undefined ? undefined : Number(seeds);
  if (maxSeeds !== undefined && (!Number.isInteger(maxSeeds) || maxSeeds < 1)) {
    throw new UsageError(`--seeds must be a whole number from 1, not ${seeds}`);
  }
  return { json, maxSeeds, only };
}

const OPTIONS = {
  json: { type: "boolean", default: false },
  seeds: { type: "string" },
  only: { type: "string", default: "" },
} as const;

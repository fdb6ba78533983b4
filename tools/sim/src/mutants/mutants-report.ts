import type { MutantResult } from "./run-mutants.ts";

/** What `pnpm sim mutants --json` prints. */
export function mutantsJson(results: readonly MutantResult[]): Record<string, unknown> {
  return {
    mutants: results.map(({ target, mutant: { bug, file }, firstSeed, hunted }) => ({
      target,
      bug,
      file,
      found: hunted.found,
      firstSeed,
      seeds: hunted.seeds,
      ...(hunted.found && { reason: hunted.reason }),
    })),
    found: results.filter(({ hunted }) => hunted.found).length,
    escaped: results.filter(({ hunted }) => !hunted.found).length,
  };
}

/** A line for each: after how many seeds it was found, and what gave it away. */
export function mutantLine({ target, mutant, firstSeed, hunted }: MutantResult): string {
  const seeds = hunted.found ? `${String(hunted.seeds).padStart(4)} seeds` : "   ESCAPED";
  const reason = hunted.found
    ? hunted.reason.slice(0, 100)
    : `${hunted.seeds} seeds do not find it`;
  const from = firstSeed === 1 ? "" : ` from ${firstSeed}`;
  return `${seeds}${from}  ${target}: ${mutant.bug}: ${reason}`;
}

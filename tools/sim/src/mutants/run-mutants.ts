import { availableParallelism } from "node:os";
import { targetFile } from "../target-files.ts";
import type { Hunt } from "./hunt.ts";
import { type Hunted, huntFor } from "./hunter.ts";
import { loadMutants } from "./mutant-files.ts";
import type { Mutant } from "./mutant.ts";
import type { MutantsCommand } from "./mutants-command.ts";

/** One mutant, and how the hunt for it ended. */
export interface MutantResult {
  readonly target: string;
  readonly mutant: Mutant;
  readonly firstSeed: number;
  readonly hunted: Hunted;
}

/** What happens while mutants are hunted. */
export interface MutantsProgress {
  readonly begins: (mutants: number) => void;
  readonly ended: (result: MutantResult) => void;
}

/** Where it is known which seeds show a bug, they are tried; where a number is asked for, all. */
function seedsFor(
  { firstSeed = 1 }: Mutant,
  maxSeeds: number,
  command: Pick<MutantsCommand, "maxSeeds">,
): Hunt {
  if (command.maxSeeds !== undefined) return { firstSeed: 1, maxSeeds: command.maxSeeds };
  return { firstSeed, maxSeeds };
}

/** Hunts for all mutants, as many at a time as there are processors. In the order of their files. */
export async function runMutants(
  packagesFolder: string,
  command: Pick<MutantsCommand, "maxSeeds" | "only">,
  progress: MutantsProgress,
): Promise<readonly MutantResult[]> {
  const hunts = (await loadMutants(packagesFolder)).flatMap(({ target, maxSeeds, mutants }) =>
    mutants
      .filter(({ bug }) => target.includes(command.only) || bug.includes(command.only))
      .map((mutant) => ({ target, mutant, seeds: seedsFor(mutant, maxSeeds, command) })),
  );
  progress.begins(hunts.length);
  const results: MutantResult[] = [];
  const waiting = hunts.entries();
  const work = async (): Promise<void> => {
    for (const [at, { target, mutant, seeds }] of waiting) {
      const file = targetFile(packagesFolder, target);
      if (!file) throw new Error(`"${mutant.bug}": there is no target ${target}`);
      const hunted = await huntFor(file, mutant, seeds);
      const result = { target, mutant, firstSeed: seeds.firstSeed, hunted };
      results[at] = result;
      progress.ended(result);
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, work));
  return results;
}

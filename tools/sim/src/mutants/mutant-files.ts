import { pathToFileURL } from "node:url";
import { filesOfSims } from "../target-files.ts";
import type { MutantsOfTarget } from "./mutant.ts";

/** All mutants, in the order of the packages' names. */
export async function loadMutants(packagesFolder: string): Promise<readonly MutantsOfTarget[]> {
  const files = filesOfSims(packagesFolder, ".mutants.ts");
  const modules = await Promise.all(
    files.map((file) => import(pathToFileURL(file).href) as Promise<{ default: MutantsOfTarget }>),
  );
  return modules.map((module) => module.default);
}

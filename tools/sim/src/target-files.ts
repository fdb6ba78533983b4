import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";

/** The file of a target: `packages/<any>/sim/<target>.sim.ts`; undefined when there is none. */
export function targetFile(packagesFolder: string, target: string): string | undefined {
  return targetFiles(packagesFolder).find((file) => file.endsWith(`/${target}.sim.ts`));
}

/** Every target's file, in the order of the packages' names. */
export function targetFiles(packagesFolder: string): readonly string[] {
  return filesOfSims(packagesFolder, ".sim.ts");
}

/** Files in the packages' `sim` folders whose names end so, in the order of the packages' names. */
export function filesOfSims(packagesFolder: string, ending: string): readonly string[] {
  return readdirSync(packagesFolder)
    .toSorted()
    .map((name) => join(packagesFolder, name, "sim"))
    .filter((folder) => existsSync(folder))
    .flatMap((folder) => readdirSync(folder).map((file) => join(folder, file)))
    .filter((file) => file.endsWith(ending));
}

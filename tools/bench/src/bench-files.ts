import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";

/** The bench files of one package, in the order of their names; none when it has none. */
export function benchFiles(packagesFolder: string, name: string): readonly string[] {
  const folder = join(packagesFolder, name, "bench");
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((file) => file.endsWith(".bench.ts"))
    .toSorted()
    .map((file) => join(folder, file));
}

/** The packages that have at least one bench file. */
export function packagesWithBenches(packagesFolder: string): readonly string[] {
  return readdirSync(packagesFolder)
    .filter((name) => benchFiles(packagesFolder, name).length > 0)
    .toSorted();
}

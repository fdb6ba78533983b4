import { readFile } from "node:fs/promises";
import { extname, join } from "node:path";
import { build, type Loader, type Plugin } from "esbuild";
import type { Mutant } from "./mutant.ts";

const REPOSITORY = join(import.meta.dirname, "../../../..");
/** For what is CommonJS among the dependencies. */
const REQUIRE =
  'import { createRequire as requireFrom } from "node:module"; const require = requireFrom(import.meta.url);';
const HUNT = join(import.meta.dirname, "hunt.ts");

/**
 * Bundles a target, and all that it tests, with the bug in it: a worker's program that hunts for it.
 * One bundle, so that nothing of it is shared with this process or with another mutant.
 *
 * @throws {Error} The source has changed and the mutant has not.
 */
export async function plant(targetFile: string, mutant: Mutant, outputFile: string): Promise<void> {
  await build({
    stdin: {
      contents: [
        `import target from ${JSON.stringify(targetFile)};`,
        `import { huntInWorker } from ${JSON.stringify(HUNT)};`,
        "await huntInWorker(target);",
      ].join("\n"),
      resolveDir: REPOSITORY,
    },
    outfile: outputFile,
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node20",
    conditions: ["@quorate/source"],
    banner: { js: REQUIRE },
    plugins: [replacing(mutant)],
    logLevel: "silent",
  });
}

/** @throws {Error} `original` does not stand in `source` exactly once. */
export function mutated(source: string, { bug, file, original, planted }: Mutant): string {
  const parts = source.split(original);
  if (parts.length === 2) return parts.join(planted);
  throw new Error(`"${bug}": ${file} has ${parts.length - 1} times: ${original}`);
}

function replacing(mutant: Mutant): Plugin {
  const path = join(REPOSITORY, mutant.file);
  return {
    name: "mutant",
    setup: (building) => {
      let isPlanted = false;
      building.onLoad({ filter: /\.ts$/ }, async ({ path: loaded }) => {
        if (loaded !== path) return undefined;
        isPlanted = true;
        const contents = mutated(await readFile(path, "utf8"), mutant);
        return { contents, loader: extname(path).slice(1) as Loader };
      });
      building.onEnd(() => {
        if (!isPlanted) throw new Error(`"${mutant.bug}": the target does not use ${mutant.file}`);
      });
    },
  };
}

import { readdirSync, rmSync, writeFileSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "tsup";

const HERE = fileURLToPath(new URL(".", import.meta.url));

let folder: Promise<string> | undefined;

/**
 * The folder with `run-once` and the jobs as JavaScript, laid out as the package's `dist` is: what is
 * measured must not have a TypeScript loader in each of its threads, which take 30 MB and more.
 */
export function built(): Promise<string> {
  folder ??= make();
  return folder;
}

/** A test's thread ends without an `exit` of its own. */
export async function removeBuilt(): Promise<void> {
  if (folder) rmSync(await folder, { recursive: true, force: true });
  folder = undefined;
}

async function make(): Promise<string> {
  const outDir = await mkdtemp(join(tmpdir(), "quorate-mapreduce-built-"));
  process.once("exit", () => rmSync(outDir, { recursive: true, force: true }));
  const jobs = readdirSync(join(HERE, "jobs")).map((name) => name.replace(/\.ts$/, ""));
  await build({
    config: false,
    silent: true,
    entry: {
      "run-once": join(HERE, "run-once.ts"),
      "executors/thread-main": join(HERE, "../src/executors/thread-main.ts"),
      ...Object.fromEntries(jobs.map((job) => [`jobs/${job}`, join(HERE, `jobs/${job}.ts`)])),
    },
    outDir,
    format: "esm",
    target: "node20",
    splitting: true,
    noExternal: [/^(?!jiti)/],
    external: ["jiti"],
    outExtension: () => ({ js: ".js" }),
    esbuildOptions: (options) => {
      options.conditions = ["@quorate/source"];
      options.banner = {
        // For the CommonJS libraries among what is bundled.
        js: `import { createRequire as forBundled } from "node:module"; const require = forBundled(import.meta.url);`,
      };
    },
  });
  // Outside of any package: what says that these files are modules.
  writeFileSync(join(outDir, "package.json"), `{ "type": "module" }`);
  return outDir;
}

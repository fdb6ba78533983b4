import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { typescriptBlocks } from "../src/code-blocks.ts";
import { InstalledApp } from "../src/installed-app.ts";
import { packed } from "../src/packed.ts";
import { type Manifest, publicPackages } from "../src/workspace.ts";

const PACKAGES = publicPackages();
const TIMEOUT_MS = 240_000;

let folder: string;
let tarballs: ReadonlyMap<string, string>;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "quorate-packed-"));
  tarballs = await packed(PACKAGES, folder);
}, TIMEOUT_MS);

afterAll(() => rm(folder, { recursive: true, force: true }));

describe.concurrent("a packed package, installed with npm into an empty app", () => {
  it.each(PACKAGES.map((one) => [one.manifest.name, one] as const))(
    "%s: its entry points load, its README's first example type-checks and runs",
    { timeout: TIMEOUT_MS },
    async (name, one) => {
      const app = await InstalledApp.create(join(folder, name.replace("/", "-")), one, tarballs);
      for (const entry of entryPoints(one.manifest)) await loads(app, entry, one.manifest);
      for (const bin of Object.keys(one.manifest.bin ?? {})) {
        const help = await app.node([join("node_modules/.bin", bin), "--help"]);
        expect(help.exitCode, help.report).toBe(0);
      }
      const example = await firstExample(one.folder);
      const compiled = await app.compile(example);
      expect(compiled.exitCode, compiled.report).toBe(0);
      const ran = await app.node(["compiled/example.js"]);
      expect(ran.exitCode, ran.report).toBe(0);
      expect(ran.stdout, `the first example of ${name} prints nothing`).not.toBe("");
    },
  );
});

function entryPoints({ name, exports = {} }: Manifest): readonly string[] {
  return Object.keys(exports)
    .filter((key) => key !== "./package.json")
    .map((key) => name + key.slice(1));
}

/** Only a sub-path may need an optional peer, which the empty app has not installed. */
async function loads(app: InstalledApp, entry: string, manifest: Manifest): Promise<void> {
  const { exitCode, report } = await app.node(["--input-type=module"], `import "${entry}";`);
  if (exitCode === 0) return;
  const missing = Object.keys(manifest.peerDependenciesMeta ?? {}).find((peer) =>
    report.includes(`Cannot find package '${peer}'`),
  );
  expect(entry !== manifest.name && missing, report).toBeTruthy();
  console.info(`${entry}: not loaded, for its optional peer ${missing} is not installed`);
}

async function firstExample(packageFolder: string): Promise<string> {
  const readme = join(packageFolder, "README.md");
  expect(existsSync(readme), `${readme} is missing`).toBe(true);
  const [example] = typescriptBlocks(await readFile(readme, "utf8"));
  if (example === undefined) throw new Error(`${readme} has no block fenced as ts`);
  return example;
}

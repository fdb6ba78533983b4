import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { transform } from "esbuild";
import { describe, expect, it } from "vitest";
import { typescriptBlocks } from "../src/code-blocks.ts";
import { run } from "../src/command.ts";
import { publicPackages, ROOT } from "../src/workspace.ts";

/** For what hangs. The cluster's example starts six processes, here each from its sources. */
const TIMEOUT_MS = 60_000;

/** A package of several parts has a README for each. */
const readmes = [ROOT, ...publicPackages().map(({ folder }) => folder)].flatMap((folder) =>
  readdirSync(folder)
    .filter((name) => /^README.*\.md$/.test(name))
    .map((name) => ({ readme: join(folder, name), folder })),
);
const examples = readmes.flatMap(({ readme, folder }) =>
  typescriptBlocks(readFileSync(readme, "utf8")).map((code, index) => ({
    ...{ readme, number: index + 1, code, folder },
  })),
);

describe.concurrent("a README's example", () => {
  it.each(examples.map((one) => [one.readme.slice(ROOT.length + 1), one.number, one] as const))(
    "%s, block %i, ends by itself and without an error",
    { timeout: 2 * TIMEOUT_MS },
    async (_readme, _number, { code, folder }) => {
      const javascript = await transform(code, { loader: "ts", format: "esm", target: "node20" });
      const flags = [
        "--conditions=@quorate/source",
        "--import",
        "@oxc-node/core/register",
        "--input-type=module",
      ];
      // Code on standard input resolves its imports from the working folder: the package itself
      // and what it declares, nothing else.
      const cwd = folder === ROOT ? join(ROOT, "tools/package-tests") : folder;
      const ran = await run(process.execPath, flags, {
        cwd,
        timeoutMs: TIMEOUT_MS,
        input: javascript.code,
      });
      expect(ran.exitCode, ran.report).toBe(0);
    },
  );
});

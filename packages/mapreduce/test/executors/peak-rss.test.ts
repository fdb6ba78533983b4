import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { expect, it } from "vitest";

const RUN = ["--conditions=@quorate/source", "--import", "@oxc-node/core/register"];
const MODULE = pathToFileURL(join(import.meta.dirname, "../../src/executors/peak-rss.ts")).href;

it("what the process held that started this one is not counted in", () => {
  const held = Buffer.alloc(400 * 2 ** 20, 1);
  const code = `import(${JSON.stringify(MODULE)}).then((it) => console.log(it.peakRssBytes()))`;
  const peak = Number(execFileSync(process.execPath, [...RUN, "-e", code]));
  expect(peak).toBeGreaterThan(20 * 2 ** 20);
  expect(peak).toBeLessThan(held.length);
});

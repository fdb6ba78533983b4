import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { POLICY_NAMES } from "../src/core/policy-options.ts";

/** Less than any object and any boxed number; what is left is of the run itself, spread out. */
const MOST_BYTES = 4;

describe("allocation", () => {
  it("a pick and its end allocate nothing, with any policy, and with all in one process", async () => {
    const script = fileURLToPath(new URL("allocation-of-picks.ts", import.meta.url));
    // New space large enough for no collection to hide what was allocated.
    const flags = ["--min-semi-space-size=128", "--max-semi-space-size=128"];
    const source = ["--conditions=@quorate/source", "--import", "tsx", script];
    const ran = await promisify(execFile)(process.execPath, [...flags, ...source], {
      cwd: fileURLToPath(new URL("..", import.meta.url)),
      timeout: 110_000,
    });
    const bytes = JSON.parse(ran.stdout) as Record<string, number>;
    expect(Object.keys(bytes)).toEqual(POLICY_NAMES);
    expect(Object.entries(bytes).filter(([, each]) => each > MOST_BYTES)).toEqual([]);
  }, 120_000);
});

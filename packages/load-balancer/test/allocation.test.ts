import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { POLICY_NAMES } from "../src/core/policy-options.ts";

/** A boxed number, which V8 makes where it does not inline a call (0091); an object is 24 or more. */
const BOXED = 16;
/** Of what is measured itself, spread over the picks. */
const SLACK = 3;
/** Two estimates and the end of the request. */
const BOXED_BY_PEAK_EWMA = 3 * BOXED;

describe("allocation", () => {
  it("a pick and its end allocate no object, with any policy, and with all in one process", async () => {
    const script = fileURLToPath(new URL("allocation-of-picks.ts", import.meta.url));
    // New space large enough for no collection to hide what was allocated.
    const flags = ["--min-semi-space-size=128", "--max-semi-space-size=128"];
    const source = ["--conditions=@quorate/source", "--import", "@oxc-node/core/register", script];
    const ran = await promisify(execFile)(process.execPath, [...flags, ...source], {
      cwd: fileURLToPath(new URL("..", import.meta.url)),
      timeout: 110_000,
    });
    const bytes = JSON.parse(ran.stdout) as Record<string, number>;
    expect(Object.keys(bytes)).toEqual(POLICY_NAMES);
    const { "peak-ewma": peakEwma, ...others } = bytes;
    expect(peakEwma).toBeLessThan(BOXED_BY_PEAK_EWMA + SLACK);
    const above = Object.entries(others).filter(([, each]) => each > BOXED + SLACK);
    expect(above).toEqual([]);
  }, 120_000);
});

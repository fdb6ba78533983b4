import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";

describe("allocation", () => {
  it("locate allocates nothing, with any algorithm and any kind of key", async () => {
    const script = fileURLToPath(new URL("allocation-of-lookups.ts", import.meta.url));
    // New space large enough for no collection to hide what was allocated.
    const flags = ["--min-semi-space-size=128", "--max-semi-space-size=128"];
    const source = ["--conditions=@quorate/source", "--import", "@oxc-node/core/register", script];
    const ran = await promisify(execFile)(process.execPath, [...flags, ...source], {
      cwd: fileURLToPath(new URL("..", import.meta.url)),
      timeout: 60_000,
    });
    const bytes = JSON.parse(ran.stdout) as Record<string, number>;
    expect(Object.keys(bytes)).toHaveLength(30);
    expect(Object.entries(bytes).filter(([, each]) => each > 0.5)).toEqual([]);
  }, 70_000);
});

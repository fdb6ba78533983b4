import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";

const EXAMPLE = join(import.meta.dirname, "../examples/five-nodes-over-tcp.ts");

describe("the example of five nodes over TCP", () => {
  it("decides one value while two are down, and draws how", async () => {
    const args = ["--conditions=@quorate/source", "--import", "@oxc-node/core/register", EXAMPLE];
    const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: 30_000 });
    const lines = stdout.trimEnd().split("\n");
    expect(lines[0]).toBe("sequenceDiagram");
    expect(lines.at(-1)).toMatch(/: (noodles, noodles, noodles|dumplings, dumplings, dumplings)$/);
    expect(stdout).toMatch(/^ {2}\w+->>\w+: prepare \d+\.(ada|bob)$/m);
    expect(stdout).toMatch(/^ {2}\w+->>\w+: accepted \d+\.(ada|bob): (noodles|dumplings)$/m);
    expect(stdout).not.toMatch(/(dan|eve)->>|->>(dan|eve)/);
  });
});

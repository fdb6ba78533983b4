import { describe, expect, it } from "vitest";
import { inheritedNodeFlags } from "../src/program.ts";

describe("the flags that a node's process inherits", () => {
  it("say how modules are loaded, so that children run from source when their parent does", () => {
    const flags = [
      "--conditions=@quorate/source",
      "--import",
      "@oxc-node/core/register",
      "-r",
      "./hook.js",
    ];
    expect(inheritedNodeFlags(flags)).toEqual(flags);
  });

  it("leave out a program given on the command line: children would run it, and have children", () => {
    const flags = [
      "--import",
      "@oxc-node/core/register",
      "--input-type=module",
      "-e",
      "await startCluster({})",
    ];
    expect(inheritedNodeFlags(flags)).toEqual(["--import", "@oxc-node/core/register"]);
    expect(inheritedNodeFlags(["--print", "1", "--inspect=0", "--test"])).toEqual([]);
  });
});

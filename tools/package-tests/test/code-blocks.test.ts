import { describe, expect, it } from "vitest";
import { typescriptBlocks } from "../src/code-blocks.ts";
import { run } from "../src/command.ts";

describe("typescriptBlocks", () => {
  it("finds blocks fenced as ts, also in a list, and no others", () => {
    const markdown = [
      "```ts\nfirst();\n```",
      "```sh\nnpm install\n```",
      "- a list\n\n  ```ts\n  second();\n  ```",
      "````md\n```ts\nquoted();\n```\n````",
      "~~~ts\nthird();\n~~~",
    ].join("\n\n");
    expect(typescriptBlocks(markdown)).toEqual(["first();", "second();", "third();"]);
  });
});

describe("run", () => {
  it("kills what does not end, and says so", async () => {
    const args = ["-e", "setInterval(() => {}, 1_000)"];
    const ran = await run(process.execPath, args, { cwd: ".", timeoutMs: 100 });
    expect(ran.exitCode).toBeNull();
    expect(ran.report).toContain("killed after 100 ms");
  });

  it("reports the exit code and both outputs", async () => {
    const args = ["-e", "console.log(1); console.error(2); process.exitCode = 3"];
    const ran = await run(process.execPath, args, { cwd: ".", timeoutMs: 10_000 });
    expect(ran).toMatchObject({ exitCode: 3, stdout: "1\n" });
    expect(ran.report).toMatch(/exit code 3\n1\n\n2/);
  });
});

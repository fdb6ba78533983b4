import { defineConfig } from "vitest/config";

/** Where `.ci/run` wants the results as JSON, too. */
const report = process.env["QUORATE_TEST_REPORT"];

export default defineConfig({
  ssr: { resolve: { conditions: ["@quorate/source"] } },
  test: {
    isolate: false,
    pool: "threads",
    // Every core: the default leaves one out, which is half of a small machine.
    maxWorkers: "100%",
    include: ["packages/*/test/**/*.test.ts", "tools/*/test/**/*.test.ts"],
    setupFiles: ["vitest.setup.ts"],
    exclude: ["**/node_modules/**", "**/dist/**"],
    reporters: report ? ["default", ["json", { outputFile: report }]] : ["default"],
    // A test that asserts nothing fails, whatever helpers its assertions are in.
    expect: { requireAssertions: true },
    testTimeout: 30_000,
    // Of tests marked concurrent: they start processes, and two of those fill a small machine.
    maxConcurrency: 2,
  },
});

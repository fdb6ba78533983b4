import { defineConfig } from "vitest/config";

export default defineConfig({
  ssr: { resolve: { conditions: ["@quorate/source"] } },
  test: {
    isolate: false,
    pool: "threads",
    include: ["packages/*/test/**/*.test.ts", "tools/*/test/**/*.test.ts"],
    exclude: ["**/node_modules/**", "**/dist/**"],
    testTimeout: 30_000,
    // Of tests marked concurrent: they start processes, and two of those fill a small machine.
    maxConcurrency: 2,
  },
});

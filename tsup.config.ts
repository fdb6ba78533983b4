import { defineConfig } from "tsup";

/**
 * JavaScript only; declarations come from `tsc` (TypeScript 7 has no JavaScript API for tsup to call).
 * The entry points are the source files that package.json exports.
 */
export default defineConfig(async () => {
  const { readFile } = await import("node:fs/promises");
  const manifest = JSON.parse(await readFile("package.json", "utf8")) as {
    readonly exports: Record<string, string | { readonly "@quorate/source"?: string }>;
  };
  const entry = Object.values(manifest.exports).flatMap((target) =>
    typeof target === "object" && target["@quorate/source"] ? [target["@quorate/source"]] : [],
  );
  return { entry, format: "esm", target: "node20", sourcemap: true, clean: true, dts: false };
});

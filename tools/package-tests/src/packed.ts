import { join } from "node:path";
import { run } from "./command.ts";
import type { WorkspacePackage } from "./workspace.ts";

const PACK_TIMEOUT_MS = 30_000;

/**
 * Packs every package into `folder` as publishing would, so with `workspace:` ranges rewritten.
 * Resolves with the tarball of each package's name. They must have been built.
 */
export async function packed(
  packages: readonly WorkspacePackage[],
  folder: string,
): Promise<ReadonlyMap<string, string>> {
  const tarballs = new Map<string, string>();
  for (const { folder: cwd, manifest } of packages) {
    const tarball = join(folder, `${manifest.name.replace("/", "-")}.tgz`);
    const { exitCode, report } = await run("pnpm", ["pack", "--out", tarball], {
      cwd,
      timeoutMs: PACK_TIMEOUT_MS,
    });
    if (exitCode !== 0) throw new Error(report);
    tarballs.set(manifest.name, tarball);
  }
  return tarballs;
}

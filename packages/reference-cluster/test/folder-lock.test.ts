import { spawn } from "node:child_process";
import { once } from "node:events";
import { symlink } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { lockFolder } from "../src/cluster/folder-lock.ts";
import { temporaryFolder } from "./child.ts";

describe("the lock on a folder", () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;

  beforeEach(async () => {
    folder = await temporaryFolder();
  });

  afterEach(() => folder.remove());

  it("is held by one, who is named to the next, by whatever path they come", async () => {
    const lock = await lockFolder(folder.path);
    const link = join(folder.path, "link");
    await symlink(folder.path, link);
    for (const path of [folder.path, link]) {
      await expect(lockFolder(path)).rejects.toMatchObject({
        code: "already-running",
        message: expect.stringContaining(`process ${process.pid}`),
      });
    }
    await lock[Symbol.asyncDispose]();
    await (await lockFolder(folder.path))[Symbol.asyncDispose]();
  });

  it("is given back by the system when its holder is killed by SIGKILL", async () => {
    const code = `
      import { lockFolder } from "./src/cluster/folder-lock.ts";
      await lockFolder(${JSON.stringify(folder.path)});
      console.log("locked");
      setInterval(() => {}, 1_000);`;
    const flags = [
      "--conditions=@quorate/source",
      "--import",
      "@oxc-node/core/register",
      "--input-type=module",
    ];
    const holder = spawn(process.execPath, [...flags, "-e", code], {
      cwd: join(import.meta.dirname, ".."),
      stdio: ["ignore", "pipe", "inherit"],
    });
    await once(holder.stdout, "data");
    await expect(lockFolder(folder.path)).rejects.toMatchObject({ code: "already-running" });
    holder.kill("SIGKILL");
    await once(holder, "close");
    await (await lockFolder(folder.path))[Symbol.asyncDispose]();
  });
});

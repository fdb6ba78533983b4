import { mkdtemp, open, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { whyNot } from "../src/system-command.ts";
import { tryVolume, Volume } from "../src/volume.ts";

const noImages = await whyNot(() => tryVolume((volume) => volume.mountImage()));
const noVolumes = await whyNot(() => tryVolume((volume) => volume.mountAny()));
const because = (reason: string | undefined): string => (reason ? ` (skipped: ${reason})` : "");

describe("Volume", () => {
  let folder: string;
  let volume: Volume;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "quorate-volume-test-"));
    volume = new Volume(join(folder, "volume"));
  });

  afterEach(async () => {
    await volume.unmount();
    await rm(folder, { recursive: true, force: true });
  });

  it.skipIf(noImages)(
    `a power cut leaves what was synced, and takes what was not${because(noImages)}`,
    async () => {
      await volume.mountImage();
      const kept = join(volume.directory, "kept");
      await writeSynced(kept, "durable");
      await writeFile(kept, "durable, and more");
      await writeFile(join(volume.directory, "gone"), "not durable");
      await volume.cutPower();
      expect(await readdir(volume.directory)).not.toContain("gone");
      expect(String(await readFile(kept))).not.toContain("more");
      await writeSynced(kept, "again");
      await volume.cutPower();
      expect(String(await readFile(kept))).toBe("again");
    },
  );

  it.skipIf(noVolumes)(
    `a full one takes no byte more, and takes them again when it was freed${because(noVolumes)}`,
    async () => {
      await volume.mountAny();
      const path = join(volume.directory, "file");
      await volume.fill();
      await expect(writeSynced(path, "x".repeat(4_096))).rejects.toMatchObject({ code: "ENOSPC" });
      await volume.free();
      await writeSynced(path, "room");
      expect(String(await readFile(path))).toBe("room");
    },
  );

  it.skipIf(noImages)(
    `what was freed stays free after a power cut${because(noImages)}`,
    async () => {
      await volume.mountImage();
      await volume.fill();
      await volume.free();
      await volume.cutPower();
      const path = join(volume.directory, "file");
      await writeSynced(path, "room");
      expect(String(await readFile(path))).toBe("room");
    },
  );

  it("without a mount it is a folder that nobody has made, and ends as one", async () => {
    await volume.unmount();
    volume.unmountNow();
    expect(await readdir(folder)).toEqual([]);
  });
});

async function writeSynced(path: string, text: string): Promise<void> {
  const file = await open(path, "w");
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
}

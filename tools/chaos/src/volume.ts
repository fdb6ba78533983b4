import { execFileSync } from "node:child_process";
import { mkdir, mkdtemp, open, rename, rm, statfs, truncate } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runCommand } from "./system-command.ts";

/** Room for the log and the snapshots of an hour; what is not written takes no place. */
const SIZE_BYTES = 256 * 1_024 * 1_024;
/**
 * Seconds until the kernel makes metadata durable that nobody asked it to. Longer than any copy of
 * the image takes, so that the copy is of one moment; and a missing sync is not healed by luck.
 */
const COMMIT_SECONDS = 600;
const BALLAST = "ballast";
const BALLAST_BLOCK = Buffer.alloc(4_096);

/** The file system that a node's data lies on: a folder, or one of its own mounted there. */
export class Volume {
  /** Where the data is. Made by whoever writes there, unless something is mounted. */
  readonly directory: string;
  #isMounted = false;

  constructor(directory: string) {
    this.directory = directory;
  }

  /**
   * An ext4 of its own in a file beside the directory. Has no effect when something is mounted.
   *
   * @throws {Error} why it cannot be.
   */
  async mountImage(): Promise<void> {
    if (this.#isMounted) return;
    const image = this.#image;
    await (await open(image, "w")).close();
    await truncate(image, SIZE_BYTES);
    await runCommand("mkfs.ext4", "-q", "-F", "-m", "0", image);
    await mkdir(this.directory, { recursive: true });
    await this.#mountImage();
  }

  /**
   * An image, or else a file system in memory: anything with a size. As `mountImage`.
   *
   * @throws {Error} why neither can be.
   */
  async mountAny(): Promise<void> {
    await this.mountImage().catch(() => this.#mountTmpfs());
  }

  /** Leaves no block free, until `free`. */
  async fill(): Promise<void> {
    const path = join(this.directory, BALLAST);
    const { bavail, bsize } = await statfs(this.directory);
    // Reserves without writing. It may fail, as the file's own metadata takes blocks too.
    await runCommand("fallocate", "-l", String(bavail * bsize), path).catch(() => {});
    const ballast = await open(path, "a");
    try {
      for (;;) await ballast.write(BALLAST_BLOCK);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOSPC") throw error;
      await ballast.sync(); // a power cut leaves it there
    } finally {
      await ballast.close();
    }
  }

  /** Takes away what `fill` put there, for good. */
  async free(): Promise<void> {
    await rm(join(this.directory, BALLAST), { force: true });
    await runCommand("sync", "--file-system", this.directory); // or a power cut brings it back
  }

  /**
   * Goes back to what the image holds at this moment, as a machine finds its disk when the power
   * returns: what its kernel had not written yet is gone. Nothing may have a file open.
   */
  async cutPower(): Promise<void> {
    const found = `${this.#image}.found`;
    await runCommand("cp", "--sparse=always", this.#image, found);
    await this.unmount(); // writes the rest, to the image that nobody reads again
    await rename(found, this.#image);
    await this.#mountImage();
  }

  /** Has no effect when nothing is mounted. */
  async unmount(): Promise<void> {
    if (!this.#isMounted) return;
    await runCommand("umount", this.directory);
    this.#isMounted = false;
  }

  /** For the last moment of this process: detaches it, whoever still has a file open. */
  unmountNow(): void {
    if (this.#isMounted) execFileSync("umount", ["--lazy", this.directory]);
    this.#isMounted = false;
  }

  async #mountTmpfs(): Promise<void> {
    await mkdir(this.directory, { recursive: true });
    const size = `size=${SIZE_BYTES},mode=700`;
    await runCommand("mount", "-t", "tmpfs", "-o", size, "quorate-chaos", this.directory);
    this.#isMounted = true;
  }

  get #image(): string {
    return `${this.directory}.ext4`;
  }

  async #mountImage(): Promise<void> {
    const options = `loop,commit=${COMMIT_SECONDS}`;
    await runCommand("mount", "-t", "ext4", "-o", options, this.#image, this.directory);
    this.#isMounted = true;
  }
}

/** Mounts as a volume would, somewhere else; it is unmounted at once. @throws {Error} why not. */
export async function tryVolume(mount: (volume: Volume) => Promise<void>): Promise<void> {
  if (process.platform !== "linux") throw new Error(`it needs Linux, not ${process.platform}`);
  const folder = await mkdtemp(join(tmpdir(), "quorate-chaos-volume-"));
  const volume = new Volume(join(folder, "volume"));
  try {
    await mount(volume);
  } finally {
    await volume.unmount();
    await rm(folder, { recursive: true, force: true });
  }
}

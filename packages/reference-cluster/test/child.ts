import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PROGRAM } from "../src/program.ts";

const FLAGS = ["--conditions=@quorate/source", "--import", "@oxc-node/core/register"];
const FOLDER = join(import.meta.dirname, "..");

/** The command `quorate`, run from source. */
export class Child {
  readonly process: ChildProcess;
  readonly #ended: Promise<unknown>;
  stdout = "";
  stderr = "";

  constructor(...args: readonly string[]) {
    this.process = spawn(process.execPath, [...FLAGS, PROGRAM, ...args], {
      cwd: FOLDER,
      env: { ...process.env, NO_COLOR: "1", FORCE_COLOR: undefined },
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.process.stdout?.on("data", (bytes) => (this.stdout += String(bytes)));
    this.process.stderr?.on("data", (bytes) => (this.stderr += String(bytes)));
    this.#ended = once(this.process, "close");
  }

  /** Resolves with the exit code. */
  async ended(): Promise<number | null> {
    await this.#ended;
    return this.process.exitCode;
  }

  /** Resolves with the gateway's address once it has been printed. */
  async url(): Promise<string> {
    for (;;) {
      const [, url] = /Try it, at (\S+):\n/.exec(this.stdout) ?? [];
      if (url !== undefined) return url;
      if (this.process.exitCode !== null) throw new Error(`it ended: ${this.stderr}`);
      await Promise.race([once(this.process.stdout!, "data"), this.#ended]);
    }
  }

  async interrupt(): Promise<number | null> {
    this.process.kill("SIGINT");
    return this.ended();
  }
}

/** Runs the command to its end. */
export async function quorate(...args: readonly string[]): Promise<Child> {
  const child = new Child(...args);
  await child.ended();
  return child;
}

export async function temporaryFolder(): Promise<{ path: string; remove: () => Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), "quorate-test-"));
  return { path, remove: () => rm(path, { recursive: true, force: true }) };
}

export function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

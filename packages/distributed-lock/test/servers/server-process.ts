import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer, type AddressInfo } from "node:net";

/** A server on this machine that a test started, and may kill, pause and start again. */
export class ServerProcess {
  readonly #command: readonly string[];
  readonly #cwd: string;
  readonly #isReady: () => Promise<boolean>;
  #child: ChildProcess | undefined;
  #output = "";

  /** `command` must run the server itself, in the foreground. */
  constructor(command: readonly string[], cwd: string, isReady: () => Promise<boolean>) {
    this.#command = command;
    this.#cwd = cwd;
    this.#isReady = isReady;
  }

  /** Resolves when the server answers. */
  async start(): Promise<void> {
    const [file, ...args] = this.#command as [string, ...string[]];
    const child = spawn(file, args, { cwd: this.#cwd, stdio: ["ignore", "pipe", "pipe"] });
    this.#child = child;
    const keep = (chunk: Buffer): void =>
      void (this.#output = `${this.#output}${chunk}`.slice(-4_000));
    child.stdout.on("data", keep);
    child.stderr.on("data", keep);
    let isOver = false;
    child.once("error", () => (isOver = true));
    child.once("exit", () => (isOver = true));
    while (!(await this.#isReady().catch(() => false))) {
      if (isOver) throw new Error(`${file} did not start: ${this.#output}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  /** SIGKILL: as when the power fails, but for what the system keeps of files. */
  async kill(): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const exit = once(child, "exit");
    child.kill("SIGKILL");
    await exit;
  }

  /** As a machine that hangs: its connections stay, nothing answers. */
  pause(): void {
    this.#child?.kill("SIGSTOP");
  }

  resume(): void {
    this.#child?.kill("SIGCONT");
  }
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

/** Whether a program is there, by its name. */
export function hasProgram(name: string): boolean {
  try {
    execFileSync("sh", ["-c", `command -v ${name}`], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
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
    const keep = (chunk: Buffer): void => {
      this.#output = `${this.#output}${chunk.toString()}`.slice(-4_000);
    };
    child.stdout.on("data", keep);
    child.stderr.on("data", keep);
    const state = { isOver: false };
    const end = (): void => void (state.isOver = true);
    child.once("error", end);
    child.once("exit", end);
    while (!(await this.#isReady().catch(() => false))) {
      if (state.isOver) throw new Error(`${file} did not start: ${this.#output}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  /** SIGKILL, to its own processes too: as when the power fails, but for what the system keeps. */
  async kill(): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const exit = once(child, "exit");
    signalTree(child.pid!, "SIGKILL");
    await exit;
  }

  /** As a machine that hangs: its connections stay, nothing answers. */
  pause(): void {
    if (!this.#child) return;
    signalTree(this.#child.pid!, "SIGSTOP");
    // The signal is on its way yet: what is sent now could be answered.
    while (!isStopped(this.#child.pid!));
  }

  resume(): void {
    if (this.#child) signalTree(this.#child.pid!, "SIGCONT");
  }
}

/** PostgreSQL's processes are in no group that a signal could reach. */
function signalTree(pid: number, signal: NodeJS.Signals): void {
  const children = childrenOf(pid);
  process.kill(pid, signal);
  for (const child of children) {
    try {
      signalTree(child, signal);
    } catch {
      // It has ended by itself.
    }
  }
}

function childrenOf(parent: number): readonly number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .filter((name) => parentOf(name) === parent)
    .map(Number);
}

function parentOf(pid: string): number | undefined {
  const parent = statOf(pid)?.[1];
  return parent === undefined ? undefined : Number(parent);
}

/** With all its processes; one that has ended counts. */
function isStopped(pid: number): boolean {
  const state = statOf(String(pid))?.[0] ?? "T";
  return "TtZX".includes(state) && childrenOf(pid).every(isStopped);
}

/** State, parent and so on: what follows the name, which is in parentheses. */
function statOf(pid: string): readonly string[] | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  } catch {
    return undefined;
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

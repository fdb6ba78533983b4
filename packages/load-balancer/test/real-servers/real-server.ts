import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const SCRIPT = fileURLToPath(new URL("./server-process.ts", import.meta.url));

/** A server in a process of its own, with the faults that a process can have. */
export class RealServer {
  port = 0;
  readonly #file: string;
  #child: ChildProcess | undefined;

  constructor(file: string) {
    this.#file = file;
  }

  /** On the same port as before, once it has one. */
  async start(): Promise<void> {
    this.#child = fork(SCRIPT, [String(this.port), this.#file], {
      execArgv: ["--import", "@oxc-node/core/register"],
    });
    const [port] = (await once(this.#child, "message")) as [number];
    this.port = port;
  }

  async kill(): Promise<void> {
    const child = this.#child;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, "exit");
    child.kill("SIGKILL");
    await exited;
  }

  pause(): void {
    this.#child?.kill("SIGSTOP");
  }

  resume(): void {
    this.#child?.kill("SIGCONT");
  }

  behave(how: "well" | "slow" | "fail"): void {
    this.#child?.send(how);
  }

  /** The URLs of the POSTs that arrived, in order, one for each time. */
  get posts(): string[] {
    if (!existsSync(this.#file)) return [];
    return readFileSync(this.#file, "utf8").split("\n").filter(Boolean);
  }
}

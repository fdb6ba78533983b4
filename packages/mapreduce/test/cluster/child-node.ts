import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import type { TcpAddress } from "@quorate/transport/tcp";
import type { JobTotals } from "../../src/cluster/index.ts";

const RUN = ["--conditions=@quorate/source", "--import", "@oxc-node/core/register"];

/** What `worker-process.ts` and `master-process.ts` say. */
export interface FromChild {
  readonly address?: TcpAddress;
  /** What it has come to; it waits until it may go on. */
  readonly step?: string;
  /** The master's job is done. */
  readonly totals?: JobTotals;
}

/** What they are told. */
export interface ToChild {
  readonly peers?: Readonly<Record<string, TcpAddress>>;
  readonly goOn?: string;
}

/** A node of the cluster in a process of its own, which can be killed at each of its steps. */
export class ChildNode {
  readonly name: string;
  readonly address: Promise<TcpAddress>;
  readonly totals: Promise<JobTotals>;
  readonly #child: ChildProcess;

  /** @param onStep the child goes on when it has resolved, if it lives then. */
  constructor(
    name: string,
    program: "master-process.ts" | "worker-process.ts",
    args: readonly string[],
    onStep: (step: string, node: ChildNode) => Promise<void>,
  ) {
    this.name = name;
    const child = fork(join(import.meta.dirname, program), [name, ...args], { execArgv: RUN });
    this.#child = child;
    const told = <K extends keyof FromChild>(key: K): Promise<NonNullable<FromChild[K]>> =>
      new Promise((resolve, reject) => {
        child.on("exit", (code) => reject(new Error(`${name} ended with ${code}`)));
        child.on("message", ({ [key]: value }: FromChild) => value && resolve(value));
      });
    this.address = told("address");
    this.totals = told("totals");
    this.totals.catch(() => {}); // of a worker, or of a master that is killed
    child.on("message", ({ step }: FromChild) => {
      if (step) void onStep(step, this).then(() => this.tell({ goOn: step }));
    });
  }

  tell(message: ToChild): void {
    if (!this.#child.connected) return;
    this.#child.send(message, () => {}); // it may be killed meanwhile
  }

  /** By SIGKILL; resolves when the process is no more. */
  async kill(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exit = once(this.#child, "exit");
    this.#child.kill("SIGKILL");
    await exit;
  }
}

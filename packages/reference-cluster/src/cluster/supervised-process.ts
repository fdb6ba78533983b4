import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { type Clock, systemClock, type Timer } from "@quorate/runtime";
import { ClusterError } from "../cluster-error.ts";
import { inheritedNodeFlags, PROGRAM } from "../program.ts";
import { LastLines } from "./last-lines.ts";
import type { DispatchAnswer, DispatchRequest, ProcessMessage } from "./process-message.ts";

/** After a death the next start waits, longer each time that a start does not succeed. */
const RESTART_DELAY_MS = { first: 500, longest: 8_000 };
/** One that was told to end and has not is killed after so long. */
const STOP_TIMEOUT_MS = 5_000;

/** The process of one node or service, started again whenever it ends. */
export class SupervisedProcess {
  readonly id: string;
  readonly #arguments: readonly string[];
  readonly #clock: Clock;
  #child: ChildProcess | undefined;
  #said = new LastLines();
  #isUp = false;
  #restarts = 0;
  #failedStarts = 0;
  #ended: Promise<void> | undefined;
  #restart: Timer | undefined;
  #stopping = false;

  /** @param args of the command `quorate` */
  constructor(id: string, args: readonly string[], clock: Clock = systemClock) {
    this.id = id;
    this.#arguments = args;
    this.#clock = clock;
  }

  /** Of the process that runs now. */
  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** Whether the process that runs now has said that it takes part in its cluster. */
  get isUp(): boolean {
    return this.#isUp;
  }

  /** How often it was started again. */
  get restarts(): number {
    return this.#restarts;
  }

  /** Why it is down, as far as it said. */
  get lastWords(): string | undefined {
    return this.#isUp ? undefined : this.#said.last;
  }

  /**
   * Resolves when it takes part in its cluster.
   *
   * @throws {ClusterError} `node-failed`, with what the process said; it is not started again.
   */
  async start(): Promise<void> {
    if (await this.#launch()) return;
    await this.stop();
    throw new ClusterError("node-failed", `${this.id} could not start: ${this.#said.last}`);
  }

  /** SIGKILL: no chance to write or say anything. */
  kill(): void {
    this.#child?.kill("SIGKILL");
  }

  /** SIGSTOP: it does nothing, and does not know it. */
  pause(): void {
    this.#child?.kill("SIGSTOP");
  }

  /** SIGCONT. */
  resume(): void {
    this.#child?.kill("SIGCONT");
  }

  /** Resolves with the process's answer, which it gives once it runs; never, if it ends first. */
  async ask(request: DispatchRequest): Promise<DispatchAnswer> {
    const child = this.#child;
    if (!child) throw new ClusterError("node-failed", `${this.id} is down`);
    child.send(request);
    for (;;) {
      const [message] = (await once(child, "message")) as [ProcessMessage];
      if (message !== "ready" && message.orderId === request.dispatchBlindly) return message;
    }
  }

  /** Ends the process for good. */
  async stop(): Promise<void> {
    this.#stopping = true;
    this.#restart?.cancel();
    const child = this.#child;
    if (!child) return;
    const timeout = this.#clock.setTimer(STOP_TIMEOUT_MS, () => child.kill("SIGKILL"));
    if (child.connected) child.disconnect(); // what it takes as the order to end
    await this.#ended;
    timeout.cancel();
  }

  /** Resolves with whether the node came up, once it has or its process has ended. */
  #launch(): Promise<boolean> {
    this.#failedStarts++;
    const said = (this.#said = new LastLines());
    const child = fork(PROGRAM, this.#arguments, {
      execArgv: inheritedNodeFlags(),
      stdio: ["ignore", "ignore", "pipe", "ipc"],
    });
    this.#child = child;
    child.stderr?.on("data", (bytes: Buffer) => said.add(bytes));
    return new Promise((resolve) => {
      child.on("message", (message: ProcessMessage) => {
        if (message !== "ready") return;
        this.#isUp = true;
        this.#failedStarts = 0;
        resolve(true);
      });
      this.#ended = ending(child).then((how) => {
        if (child.signalCode || said.last === undefined) said.add(`\n${how}`);
        this.#child = undefined;
        this.#isUp = false;
        this.#launchLater();
        resolve(false);
      });
    });
  }

  #launchLater(): void {
    if (this.#stopping) return;
    const { first, longest } = RESTART_DELAY_MS;
    const delayMs = Math.min(longest, first * 2 ** this.#failedStarts);
    this.#restart = this.#clock.setTimer(delayMs, () => {
      this.#restarts++;
      void this.#launch();
    });
  }
}

/**
 * How the process ended, in words, once all it said has come. Not its event "close": that never
 * comes after this side has disconnected (nodejs/node#19433).
 */
async function ending(child: ChildProcess): Promise<string> {
  const said = child.stderr && once(child.stderr, "close");
  try {
    const [code, signal] = (await once(child, "exit")) as [number | null, string | null];
    await said;
    return signal ? `its process ended by ${signal}` : `its process ended with exit code ${code}`;
  } catch (error) {
    return `its process could not be started: ${(error as Error).message}`;
  }
}

import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { systemClock } from "@quorate/runtime";
import { Volume } from "./volume.ts";

const MANIFEST = createRequire(import.meta.url).resolve("@quorate/reference-cluster/package.json");
const PROGRAM = join(dirname(MANIFEST), "bin/quorate.js");
/** From source: a run tests what is in the tree, not what was built last. */
const NODE_FLAGS = ["--conditions=@quorate/source", "--import", "@oxc-node/core/register"];
const REPOSITORY = join(import.meta.dirname, "../../..");
const STOP_TIMEOUT_MS = 5_000;
const MAX_SAID_CHARACTERS = 4_096;

/** The one shard that the nodes have, which is the name of its store. */
export const STORE = "shard-1";

/** One node of the reference cluster as a process. It is started again only when told so. */
export class NodeProcess {
  readonly id: string;
  readonly volume: Volume;
  /** Set for its processes from the next start on, besides what this process has. */
  readonly environment: Record<string, string> = {};
  /** Of all its processes so far. */
  readonly pids: number[] = [];
  readonly #arguments: string[];
  readonly #onDeath: (node: NodeProcess, why: string) => void;
  #child: ChildProcess | undefined;
  #ended: Promise<unknown> | undefined;
  #said = "";
  #isExpectedToDie = false;

  /** `peers`: as `id=host:port`. `onDeath` is told of each death that nobody wanted. */
  constructor(
    options: {
      readonly id: string;
      readonly clusterId: string;
      /** Where its volume is. */
      readonly directory: string;
      readonly peers: readonly string[];
      readonly consensus: "raft" | "paxos";
    },
    onDeath: (node: NodeProcess, why: string) => void,
  ) {
    const { id, clusterId, directory, peers, consensus } = options;
    this.id = id;
    this.volume = new Volume(directory);
    this.#onDeath = onDeath;
    const data = join(directory, "data");
    this.#arguments = ["node", "--id", id, "--cluster", clusterId, "--data", data, "--peers"];
    this.#arguments.push(...peers, "--shards", STORE, "--consensus", consensus, "--bootstrap");
  }

  /** Of the process that runs now. */
  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** Resolves when the process that runs now has ended; at once when none does. */
  get ended(): Promise<unknown> {
    return Promise.resolve(this.#ended);
  }

  /** From now on the node may die by itself: that is what the fault is about. Until it is started. */
  expectDeath(): void {
    this.#isExpectedToDie = true;
  }

  /** Has no effect on one that runs. Does not wait until it takes part in its cluster. */
  start(): void {
    this.#isExpectedToDie = false;
    if (this.#child) return;
    this.#said = "";
    const child = fork(PROGRAM, this.#arguments, {
      cwd: REPOSITORY,
      // Signals to the group of this process, such as a Ctrl-C, are not for the nodes.
      detached: true,
      env: { ...process.env, ...this.environment },
      execArgv: NODE_FLAGS,
      stdio: ["ignore", "ignore", "pipe", "ipc"],
    });
    this.#child = child;
    if (child.pid !== undefined) this.pids.push(child.pid);
    child.stderr?.on("data", (bytes: Buffer) => {
      this.#said = (this.#said + String(bytes)).slice(-MAX_SAID_CHARACTERS);
    });
    child.on("error", () => {});
    this.#ended = once(child, "exit").then(([code, signal]) => {
      this.#child = undefined;
      const lastWords = this.#said.trimEnd().split("\n").at(-1) ?? "";
      if (!this.#isExpectedToDie) this.#onDeath(this, `${signal ?? `exit ${code}`}: ${lastWords}`);
    });
  }

  /** SIGKILL, and waits for the end. */
  async kill(): Promise<void> {
    this.#isExpectedToDie = true;
    this.#child?.kill("SIGKILL");
    await this.#ended;
  }

  /** SIGSTOP: it does nothing, and its connections stay open. */
  pause(): void {
    this.#child?.kill("SIGSTOP");
  }

  resume(): void {
    this.#child?.kill("SIGCONT");
  }

  /** Ends the process, paused or not, for good; after 5 s by SIGKILL. */
  async stop(): Promise<void> {
    this.#isExpectedToDie = true;
    const child = this.#child;
    if (!child) return;
    child.kill("SIGCONT");
    const timeout = systemClock.setTimer(STOP_TIMEOUT_MS, () => child.kill("SIGKILL"));
    if (child.connected) child.disconnect(); // what a node takes as the order to end
    await this.#ended;
    timeout.cancel();
  }

  /** For the last moment of this process: a paused node would not see that its parent is gone. */
  killNow(): void {
    this.#child?.kill("SIGKILL");
    this.volume.unmountNow();
  }
}

import type { Clock, FileSystem, Random } from "@quorate/runtime";
import type { Transport } from "@quorate/transport";
import { MountedFileSystem } from "../disk/mounted-file-system.ts";
import type { SimulatedDisk } from "../disk/simulated-disk.ts";
import type { SimulatedNetwork } from "../network/simulated-network.ts";
import { SimulationError } from "../simulation-error.ts";
import type { Trace } from "../trace/trace.ts";
import { Life } from "./life.ts";
import { type MachineTime, NodeClock } from "./machine-time.ts";
import type { Scheduler } from "./scheduler.ts";

/** What a node's program is given in place of the real world. */
export interface NodeEnvironment {
  readonly name: string;
  readonly clock: Clock;
  /** Another stream in each life of the node. */
  readonly random: Random;
  /** Not started yet. */
  readonly transport: Transport;
  /** Keeps its files from one life to the next. */
  readonly fileSystem: FileSystem;
}

/** Starts a node's program. What it resolves to is the node's `instance`. */
export type NodeProgram<T> = (environment: NodeEnvironment) => Promise<T> | T;

/** What a node needs of its world. */
export interface NodeParts {
  readonly scheduler: Scheduler;
  readonly network: SimulatedNetwork;
  readonly disk: SimulatedDisk;
  readonly time: MachineTime;
  readonly random: Random;
  readonly trace: Trace;
  /** Lets the world go on until the promise has settled. */
  readonly settled: <R>(promise: Promise<R>) => Promise<R>;
}

export type NodeState = "down" | "starting" | "running" | "paused";

/** A machine with a disk and a clock, and the program that runs on it. */
export class SimulatedNode<T = unknown> {
  readonly name: string;
  readonly #parts: NodeParts;
  readonly #program: NodeProgram<T>;
  #life: Life | undefined;
  #lives = 0;
  #instance: T | undefined;
  #hasInstance = false;
  #onEnd: (error: SimulationError) => void = () => {};

  constructor(name: string, program: NodeProgram<T>, parts: NodeParts) {
    this.name = name;
    this.#program = program;
    this.#parts = parts;
  }

  get state(): NodeState {
    if (!this.#life) return "down";
    if (this.#life.isPaused) return "paused";
    return this.#hasInstance ? "running" : "starting";
  }

  /** What the program resolved to; undefined while the node is down or starting. */
  get instance(): T | undefined {
    return this.#instance;
  }

  get disk(): SimulatedDisk {
    return this.#parts.disk;
  }

  /**
   * Starts the program. From outside of the world, lets the world go on until it has started.
   *
   * @throws {SimulationError} `wrong-state` when it runs, `crashed` when the node crashes meanwhile.
   * @throws what the program throws: the node is down again.
   */
  start(): Promise<T> {
    if (this.#life) return refused(`${this.name} is ${this.state} already`);
    const life = new Life();
    this.#life = life;
    this.#record("start");
    const started = new Promise<T>((resolve, reject) => {
      this.#onEnd = reject;
      this.#run(life).then(
        (instance) => {
          if (!life.isAlive) return;
          this.#instance = instance;
          this.#hasInstance = true;
          this.#record("started");
          resolve(instance);
        },
        (error: unknown) => {
          if (!life.isAlive) return;
          reject(error);
          this.#end("start failed", false);
          this.#parts.disk.killProgram();
        },
      );
    });
    return this.#parts.settled(quiet(started));
  }

  /**
   * The program is asked to end: `instance.stop()` if there is one, then the process ends. From
   * outside of the world, lets the world go on until then.
   */
  stop(): Promise<void> {
    const life = this.#life;
    if (!life) return Promise.resolve();
    const stopped = new Promise<void>((resolve, reject) => {
      this.#onEnd = reject;
      const { stop } = (this.#instance ?? {}) as { stop?: () => unknown };
      const ended = Promise.resolve(stop?.call(this.#instance));
      const end = (): void => {
        if (this.#life !== life) return;
        this.#end("stop", false);
        this.#parts.disk.killProgram();
      };
      ended.then(() => resolve(), reject);
      ended.then(end, end);
    });
    return this.#parts.settled(quiet(stopped));
  }

  /**
   * The machine loses power. The program does nothing more: its timers never fire, its promises never
   * settle. What its disk had not made durable may be lost; what it sent is still under way; others
   * notice after the network's `silenceMs`. No effect when it is down.
   */
  crash(): void {
    if (!this.#life) return;
    this.#parts.trace.count("crash");
    this.#end("crash", true);
    this.#parts.disk.losePower();
  }

  /**
   * The process dies, as by SIGKILL; the machine does not: nothing that was written is lost, and the
   * others see their connections close. No effect when it is down.
   */
  kill(): void {
    if (!this.#life) return;
    this.#parts.trace.count("kill");
    this.#end("kill", false);
    this.#parts.disk.killProgram();
  }

  /** Crashes, if it runs, and starts again. */
  restart(): Promise<T> {
    this.crash();
    this.#parts.trace.count("restart");
    return this.start();
  }

  /** The program stands still, as by SIGSTOP or a long garbage collection; its clock goes on. */
  pause(): void {
    if (!this.#life || this.#life.isPaused) return;
    this.#life.pause();
    this.#parts.trace.count("pause");
    this.#record("pause");
  }

  /** What should have happened during the pause happens now, in its order. */
  resume(): void {
    const life = this.#life;
    if (!life?.isPaused) return;
    this.#record("resume");
    for (const act of life.resume()) {
      this.#parts.scheduler.setTimer(0, () => life.enter(act));
    }
  }

  /** From now on its clock runs at `rate` times the world's time; 1 is exact. */
  setClockRate(rate: number): void {
    this.#parts.time.setRate(rate);
    this.#parts.trace.record(this.name, "clock rate", "", rate);
    this.#parts.trace.count("clock skew");
  }

  /** Somebody sets the machine's wall clock. The monotonic clock is not touched. */
  jumpWallClock(byMs: number): void {
    this.#parts.time.jumpWallTime(byMs);
    this.#parts.trace.record(this.name, "clock jump", "", byMs);
    this.#parts.trace.count("clock jump");
  }

  async #run(life: Life): Promise<T> {
    const { network, disk, time, scheduler, random } = this.#parts;
    const clock = new NodeClock(time, scheduler, life);
    return this.#program({
      name: this.name,
      clock,
      random: random.fork(`life ${this.#lives++}`),
      transport: network.attach(this.name, clock, life),
      fileSystem: new MountedFileSystem(disk, life),
    });
  }

  #end(how: string, silently: boolean): void {
    this.#life?.end();
    this.#life = undefined;
    this.#instance = undefined;
    this.#hasInstance = false;
    this.#record(how);
    this.#parts.network.crash(this.name, silently);
    this.#onEnd(new SimulationError("crashed", `${this.name} crashed meanwhile (${how})`));
    this.#onEnd = () => {};
  }

  #record(kind: string): void {
    this.#parts.trace.record(this.name, kind, "");
  }
}

/** Whoever does not wait for it need not handle its failure. */
function quiet<R>(promise: Promise<R>): Promise<R> {
  promise.catch(() => {});
  return promise;
}

function refused(message: string): Promise<never> {
  return quiet(Promise.reject(new SimulationError("wrong-state", message)));
}

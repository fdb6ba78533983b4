import { type Clock, type Random, seededRandom } from "@quorate/runtime";
import { FaultAtlas } from "../disk/fault-atlas.ts";
import { SimulatedDisk } from "../disk/simulated-disk.ts";
import { guard } from "../guard/guard.ts";
import { SimulatedNetwork } from "../network/simulated-network.ts";
import { SimulationError } from "../simulation-error.ts";
import { Trace } from "../trace/trace.ts";
import { MachineTime } from "./machine-time.ts";
import { Pump, type Surroundings } from "./pump.ts";
import { Scheduler } from "./scheduler.ts";
import { type NodeProgram, SimulatedNode } from "./simulated-node.ts";
import {
  checkedClockOptions,
  type ClockOptions,
  type SimulationOptions,
} from "./simulation-options.ts";

/** How long a single promise may take, unless said otherwise. */
const DEFAULT_WITHIN_MS = 60_000;

const NO_GUARD: Surroundings = { begin() {}, enter() {}, leave() {}, end() {} };

/** A world in which only its own events pass time. Made by `createSimulation`. */
export class Simulation implements AsyncDisposable {
  readonly seed: string | number;
  /** The world's own time, for tests and their clients: no node's clock, and never wrong. */
  readonly clock: Clock;
  /** For the test's own use: fork it. */
  readonly random: Random;
  readonly network: SimulatedNetwork;
  readonly trace: Trace;
  readonly faultAtlas: FaultAtlas;
  readonly #options: SimulationOptions;
  readonly #clockOptions: Required<ClockOptions>;
  readonly #scheduler = new Scheduler();
  readonly #pump: Pump;
  readonly #nodes = new Map<string, SimulatedNode>();

  constructor(options: SimulationOptions) {
    const { seed } = options;
    this.seed = seed;
    this.#options = options;
    this.#clockOptions = checkedClockOptions(options.clocks);
    this.clock = this.#scheduler;
    this.trace = new Trace(() => this.#scheduler.now());
    this.random = seededRandom(seed);
    this.faultAtlas = new FaultAtlas(options.damagedNodes ?? 0);
    this.network = new SimulatedNetwork(options.network, {
      clock: this.#scheduler,
      random: this.random.fork("network"),
      trace: this.trace,
    });
    this.#pump = new Pump(this.#scheduler, options.guard === false ? NO_GUARD : guard);
  }

  /** Events that happened so far. */
  get events(): number {
    return this.#pump.events;
  }

  /** All nodes, in the order in which they were made. */
  get nodes(): readonly SimulatedNode[] {
    return [...this.#nodes.values()];
  }

  /** A machine that is not started yet; `program` is started in each of its lives. */
  node<T>(name: string, program: NodeProgram<T>): SimulatedNode<T> {
    if (this.#nodes.has(name)) {
      throw new SimulationError("invalid-option", `there is a node named ${name} already`);
    }
    const random = this.random.fork(`node/${name}`);
    const parts = {
      scheduler: this.#scheduler,
      network: this.network,
      disk: this.#disk(name, random),
      time: this.#machineTime(random.fork("clock")),
      random,
      trace: this.trace,
      settled: <R>(promise: Promise<R>) => (this.#pump.isInside ? promise : this.settled(promise)),
    };
    const node = new SimulatedNode(name, program, parts);
    this.network.introduce(name);
    this.#nodes.set(name, node);
    return node;
  }

  /**
   * Lets `ms` milliseconds pass, with all that happens in them.
   *
   * @throws {SimulationError} `program-threw`, `disposed`.
   */
  async run(ms: number): Promise<void> {
    await this.#pump.run(() => false, this.#scheduler.now() + ms);
  }

  /**
   * Lets time pass until `condition` holds; it is asked after every event, and must change nothing.
   *
   * @throws {SimulationError} `not-reached` after `withinMs`, and as `run`.
   */
  async runUntil(
    condition: () => boolean,
    { withinMs = DEFAULT_WITHIN_MS }: { readonly withinMs?: number } = {},
  ): Promise<void> {
    if (await this.#pump.run(condition, this.#scheduler.now() + withinMs)) return;
    throw new SimulationError(
      "not-reached",
      `${String(condition)} did not come true within ${withinMs} ms (seed ${this.seed})`,
    );
  }

  /**
   * Lets time pass until `promise` has settled, and gives what it resolved to.
   *
   * @throws {SimulationError} `not-reached` after `withinMs`, and as `run`.
   * @throws what `promise` rejects with.
   */
  async settled<T>(
    promise: Promise<T>,
    { withinMs = DEFAULT_WITHIN_MS }: { readonly withinMs?: number } = {},
  ): Promise<T> {
    let isSettled = false;
    const settle = (): void => {
      isSettled = true;
    };
    promise.then(settle, settle);
    if (await this.#pump.run(() => isSettled, this.#scheduler.now() + withinMs)) return promise;
    throw new SimulationError(
      "not-reached",
      `a promise did not settle within ${withinMs} ms (seed ${this.seed})`,
    );
  }

  /** A promise for code that runs in the world: resolves after `ms` of its time. */
  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => this.#scheduler.setTimer(ms, resolve));
  }

  /** Ends the world with an error for everybody who waits: a checker found something wrong. */
  fail(error: unknown): void {
    this.#pump.fail(error);
  }

  /** Nothing happens any more; whoever waits gets `disposed`. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#pump.stop();
    await this.#pump.run(() => true, this.#scheduler.now()).catch(() => {});
  }

  #disk(name: string, random: Random): SimulatedDisk {
    return new SimulatedDisk(name, this.#options.disk ?? {}, {
      scheduler: this.#scheduler,
      random: random.fork("disk"),
      trace: this.trace,
      atlas: this.faultAtlas,
    });
  }

  #machineTime(random: Random): MachineTime {
    const { skewPpm, wallOffsetMs } = this.#clockOptions;
    const rate = 1 + (skewPpm * (2 * random.next() - 1)) / 1e6;
    const time = new MachineTime(this.#scheduler, 1_000 * random.next(), rate);
    time.jumpWallTime(wallOffsetMs * (random.next() - 0.5));
    return time;
  }
}

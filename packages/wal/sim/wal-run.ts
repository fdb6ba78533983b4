import { integerBetween, pick, type Random, seededRandom } from "@quorate/runtime";
import {
  createSimulation,
  isOfTheDisk,
  sequenceDiagram,
  type Simulation,
  SimulationError,
  type SimulatedNode,
  type TargetFailure,
  type TargetOptions,
  type TargetResult,
} from "@quorate/simulation";
import { openWal, type Wal, WalError } from "../src/index.ts";
import { LogModel, type LogState, stateOf } from "../test/log-model.ts";
import { describeLife, drawLives, type PlannedLife } from "./planned-life.ts";
import { WAL_COVERAGE, type WalCoverage } from "./wal-coverage.ts";
import { WalLife } from "./wal-life.ts";

interface Opened {
  readonly wal: Wal;
  readonly state: LogState;
}

/** One machine, on which one process after the other opens the log; then a last, careful one. */
export class WalRun {
  readonly #seed: string | number;
  readonly #random: Random;
  readonly #world: Simulation;
  readonly #node: SimulatedNode<Opened>;
  readonly #lives: readonly PlannedLife[];
  readonly #only: readonly number[] | undefined;
  readonly #model = new LogModel();
  readonly #coverage = Object.fromEntries(WAL_COVERAGE.map((name) => [name, 0]));
  readonly #latencyMs: { readonly min: number; readonly max: number };
  #operations = 0;
  #endedCleanly = true;
  /** Nobody can use a log that was found damaged: the run is over. */
  #isOver = false;

  constructor(seed: string | number, { only }: TargetOptions) {
    this.#seed = seed;
    this.#only = only;
    this.#random = seededRandom(seed).fork("wal");
    this.#lives = drawLives(this.#random.fork("lives"));
    this.#latencyMs = pick(this.#random, [
      { min: 0.01, max: 0.1 },
      { min: 0.1, max: 2 },
      { min: 1, max: 20 },
    ]);
    this.#world = createSimulation({ seed, disk: { latencyMs: this.#latencyMs }, damagedNodes: 1 });
    const segmentBytes = pick(this.#random, [512, 2_048, 8_192]);
    const maxQueuedBytes = pick(this.#random, [1_600, 2 ** 20]);
    this.#node = this.#world.node("machine", async ({ fileSystem, random }) => {
      const options = { directory: "/log", segmentBytes, maxQueuedBytes, maxRecordBytes: 1_500 };
      const wal = await openWal(options, { fileSystem, random });
      return { wal, state: await stateOf(wal) };
    });
  }

  async run(): Promise<TargetResult> {
    let failure: TargetFailure | undefined;
    try {
      for (const life of this.#lives) if (!this.#isOver) await this.#live(life);
      if (!this.#isOver) await this.#live(undefined);
    } catch (error) {
      failure = this.#explain(error);
    }
    const result = {
      operations: this.#operations,
      faults: this.#world.trace.counts(),
      coverage: this.#coverage,
      events: this.#world.events,
      simulatedMs: this.#world.clock.now(),
      traceHash: this.#world.trace.hash,
      plan: this.#lives
        .filter(({ number }) => this.#happens(number))
        .map((life) => ({ number: life.number, text: describeLife(life) })),
    };
    await this.#world[Symbol.asyncDispose]();
    return failure ? { ...result, failure } : result;
  }

  get #isDown(): boolean {
    return this.#node.state === "down";
  }

  #happens(number: number): boolean {
    return this.#only?.includes(number) ?? true;
  }

  /** `undefined`: a life in which nothing goes wrong. */
  async #live(planned: PlannedLife | undefined): Promise<void> {
    const happens = planned && this.#happens(planned.number) ? planned : undefined;
    const timer = happens && this.#prepare(happens);
    const opened = await this.#open();
    if (opened) await this.#use(opened, planned?.number ?? "last", happens);
    else this.#end(happens);
    timer?.cancel();
    this.#node.disk.setFaults({ latencyMs: this.#latencyMs });
    this.#node.disk.fill(false);
  }

  #prepare({ fault }: PlannedLife): { cancel(): void } | undefined {
    const node = this.#node;
    switch (fault.kind) {
      case "rot-before-opening":
        this.#rot();
        return undefined;
      case "rot-while-open":
        return undefined;
      case "crash":
      case "kill": {
        const { kind } = fault;
        return this.#world.clock.setTimer(fault.afterMs, () => node[kind]());
      }
      case "disk-full":
        return this.#world.clock.setTimer(fault.afterMs, () => node.disk.fill(true));
      case "disk-errors": {
        const faults = { latencyMs: this.#latencyMs, ...fault.disk };
        return this.#world.clock.setTimer(fault.afterMs, () => node.disk.setFaults(faults));
      }
    }
  }

  /**
   * In the last segment only after a clean close that nobody has opened since: until then, damage to
   * the last write cannot be told from a torn one.
   */
  #rot(): void {
    const segments = this.#node.disk.names
      .all()
      .map(([path]) => path)
      .filter((path) => path.endsWith(".wal"))
      .toSorted();
    const sound = new Set(this.#endedCleanly ? segments : segments.slice(0, -1));
    this.#node.disk.rot((path) => sound.has(path));
  }

  /** Opens the log and checks what it holds; undefined when that failed for a good reason. */
  async #open(): Promise<Opened | undefined> {
    this.#endedCleanly = false;
    try {
      const opened = await this.#node.start();
      this.#model.restart(opened.state);
      this.#countRecovery(opened.wal);
      return opened;
    } catch (error) {
      if (error instanceof SimulationError && error.code === "crashed") return undefined;
      if (isOfTheDisk(error)) this.#cover("failed openings");
      else this.#requireDamage(error, "damage found when opening");
      return undefined;
    }
  }

  async #use(
    { wal }: Opened,
    name: string | number,
    planned: PlannedLife | undefined,
  ): Promise<void> {
    const random = this.#random.fork(`work ${name}`);
    const cover = (what: WalCoverage): void => this.#cover(what);
    const life = new WalLife(wal, this.#model, random, { name: `${name}`, cover });
    await this.#whileAlive(life.work(integerBetween(random, 0, 30)));
    this.#operations += life.acknowledged;
    if (this.#isDown || life.hasFailed) return this.#end(planned);
    if (planned?.fault.kind === "rot-while-open") this.#node.disk.rot(isSegment);
    await this.#whileAlive(this.#checkContent(wal));
    if (this.#isDown) return this.#end(planned);
    await this.#whileAlive(this.#close(wal));
    this.#end(planned);
  }

  async #checkContent(wal: Wal): Promise<void> {
    let found: LogState;
    try {
      found = await stateOf(wal);
    } catch (error) {
      if (isOfTheDisk(error)) return;
      return this.#requireDamage(error, "damage found by a read");
    }
    const [text, expected] = [found, this.#model.now].map((state) => JSON.stringify(state));
    if (text !== expected) throw new Error(`the log reads as ${text}, and should be ${expected}`);
  }

  async #close(wal: Wal): Promise<void> {
    try {
      await wal.close();
      this.#endedCleanly = true;
      this.#cover("clean closes");
    } catch (error) {
      if (!isOfTheDisk(error)) throw error;
      this.#cover("failed logs");
    }
  }

  /** The process ends, if it has not yet; what it closed stays closed. */
  #end(planned: PlannedLife | undefined): void {
    if (planned?.thenLosesPower) this.#node.crash();
    else this.#node.kill();
  }

  /** Until the process ends by itself or otherwise: what it waits for may then never come. */
  async #whileAlive(work: Promise<void>): Promise<void> {
    let isDone = false;
    let failure: unknown;
    work
      .catch((error: unknown) => {
        failure = error;
      })
      .finally(() => {
        isDone = true;
      });
    await this.#world.runUntil(() => isDone || this.#isDown);
    if (failure !== undefined) throw failure;
  }

  #requireDamage(error: unknown, found: WalCoverage): void {
    const wasDamaged = this.#world.faultAtlas.damaged.size > 0;
    if (!(error instanceof WalError && error.code === "damaged" && wasDamaged)) throw error;
    this.#cover(found);
    this.#isOver = true;
  }

  #countRecovery({ recovery }: Wal): void {
    if (recovery.segments > 0) this.#cover("recoveries");
    if (recovery.segments > 1) this.#cover("logs of several segments");
    if (recovery.cutBytes > 0) this.#cover("torn tails cut");
    if (recovery.removedFiles.length > 0) this.#cover("left-over files removed");
    if (this.#world.faultAtlas.damaged.size > 0) this.#cover("damage without effect");
  }

  #cover(what: WalCoverage): void {
    this.#coverage[what]!++;
  }

  #explain(error: unknown): TargetFailure {
    return {
      reason: error instanceof Error ? `${error.name}: ${error.message}` : String(error),
      details: `seed ${this.#seed}\n${error instanceof Error ? error.stack : ""}`,
      diagram: sequenceDiagram(this.#world.trace.recent(), ["machine"]),
    };
  }
}

function isSegment(path: string): boolean {
  return path.endsWith(".wal");
}

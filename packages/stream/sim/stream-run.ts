import { integerBetween, pick, type Random, seededRandom } from "@quorate/runtime";
import {
  createSimulation,
  sequenceDiagram,
  type SimulatedNode,
  type Simulation,
  type TargetFailure,
  type TargetOptions,
  type TargetResult,
} from "@quorate/simulation";
import { fileCheckpoints } from "../src/checkpoint/file-checkpoints.ts";
import type { RunEnd } from "../src/run/pipeline-run.ts";
import { ModelledCheckpoints } from "./modelled-checkpoints.ts";
import { describeLife, drawLives, type PlannedLife } from "./planned-life.ts";
import { SimulatedProgram } from "./simulated-program.ts";
import { SimulatedSource } from "./simulated-source.ts";
import { stateLeft } from "./state-left.ts";
import { type Cover, STREAM_COVERAGE, type StreamCoverage } from "./stream-coverage.ts";
import { StreamLife, type StreamWorld } from "./stream-life.ts";
import { textCodec } from "./text-codec.ts";
import { TransactionalLog } from "./transactional-log.ts";

/** Virtual time in which a run must come to its end once nothing goes wrong. */
const MOST_MS = 300_000;

/** One machine, on which one process after the other runs the pipeline; then a last, careful one. */
export class StreamRun {
  readonly #seed: string | number;
  readonly #random: Random;
  readonly #world: Simulation;
  readonly #node: SimulatedNode<StreamLife>;
  readonly #lives: readonly PlannedLife[];
  readonly #only: readonly number[] | undefined;
  readonly #coverage = Object.fromEntries(STREAM_COVERAGE.map((name) => [name, 0]));
  readonly #program: SimulatedProgram;
  readonly #logs: readonly TransactionalLog[];
  readonly #sources: readonly SimulatedSource[];
  #checkpoints = new ModelledCheckpoints();
  #stores = 0;
  readonly #isOnDisk: boolean;
  #from: StreamWorld["from"];
  #planned: PlannedLife;
  #subtasksBefore = 0;
  #wasRescaled = false;
  #end: RunEnd | undefined;

  constructor(seed: string | number, { only }: TargetOptions) {
    this.#seed = seed;
    this.#only = only;
    this.#random = seededRandom(seed).fork("stream");
    this.#program = new SimulatedProgram(this.#random.fork("program"));
    this.#isOnDisk = this.#random.fork("store").next() < 0.5;
    this.#lives = drawLives(this.#random.fork("lives"));
    this.#planned = this.#lastLife();
    this.#logs = Array.from({ length: this.#program.sinks }, () => new TransactionalLog());
    this.#sources = this.#program.data.sources.map((splits) => new SimulatedSource(splits));
    this.#world = createSimulation({ seed, disk: { latencyMs: { min: 0.05, max: 2 } } });
    this.#node = this.#world.node("machine", (environment) => {
      return new StreamLife(this.#planned, this.#surroundings(), environment, this.#isRestored);
    });
  }

  async run(): Promise<TargetResult> {
    let failure: TargetFailure | undefined;
    try {
      for (const life of this.#lives) if (this.#end !== "finished") await this.#live(life);
      if (this.#end !== "finished") await this.#live(this.#lastLife());
      this.#checkEnd();
    } catch (error) {
      failure = this.#explain(error);
    }
    const result = {
      operations: this.#logs.reduce((sum, { lines }) => sum + lines.length, 0),
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

  get #isRestored(): boolean {
    return this.#checkpoints.latest !== undefined || this.#from !== undefined;
  }

  readonly #cover: Cover = (what: StreamCoverage, by = 1) => {
    this.#coverage[what]! += by;
  };

  #surroundings(): StreamWorld {
    const checkpoints = this.#checkpoints;
    return {
      program: this.#program,
      sources: this.#sources,
      logs: this.#logs.map((log) => this.#traced(log)),
      store: (world, { fileSystem, random, clock }) => {
        if (!this.#isOnDisk) return checkpoints.in(world);
        const files = fileCheckpoints({
          dir: `/checkpoints ${this.#stores}`,
          retain: pick(random, [1, 3]),
          maxLayers: pick(random, [2, 4, 12]),
          fileSystem,
          codec: textCodec,
          giveWay: () => new Promise((resolve) => clock.setTimer(random.next(), resolve)),
        });
        return checkpoints.watching(files, world);
      },
      from: this.#from,
      cover: this.#cover,
      fail: (error) => this.#world.fail(error),
    };
  }

  #traced(log: TransactionalLog): TransactionalLog {
    log.onCommit = (transaction, lines) =>
      this.#world.trace.record("machine", "commit", transaction, lines);
    return log;
  }

  #happens(number: number): boolean {
    return this.#only?.includes(number) ?? true;
  }

  #lastLife(): PlannedLife {
    const random = this.#random.fork("last life");
    return {
      number: this.#lives.length,
      subtasks: integerBetween(random, 1, 4),
      end: "stop",
      afterMs: Infinity,
      faults: [],
      failureProbability: 0,
    };
  }

  async #live(planned: PlannedLife): Promise<void> {
    const isLast = planned.number === this.#lives.length;
    this.#planned = this.#happens(planned.number) ? planned : { ...planned, faults: [] };
    if (this.#isRestored) this.#cover("restores");
    if (this.#isRestored && planned.subtasks !== this.#subtasksBefore) {
      this.#cover("rescalings");
      this.#wasRescaled = true;
    }
    this.#subtasksBefore = planned.subtasks;
    this.#world.trace.record("machine", "life", describeLife(planned));
    this.#setDisk(this.#planned.faults.includes("disk"));
    const life = await this.#node.start();
    const disturbance = this.#disturb(this.#planned);
    let failure: unknown;
    life.run.done.then(
      (end) => (this.#end = end),
      (error: unknown) => (failure = error),
    );
    const isOver = (): boolean => this.#end !== undefined || failure !== undefined;
    const atMs = this.#world.clock.now() + planned.afterMs;
    const wait = isLast ? { withinMs: MOST_MS } : { withinMs: planned.afterMs + 1 };
    await this.#world.runUntil(
      () => isOver() || (!isLast && this.#world.clock.now() >= atMs),
      wait,
    );
    if (!isOver() && !isLast) await this.#endLife(life, this.#planned, isOver);
    disturbance.cancel();
    if (failure !== undefined) throw failure;
    if (this.#end !== "finished") this.#end = undefined;
    this.#node.kill();
  }

  async #endLife(life: StreamLife, { end }: PlannedLife, isOver: () => boolean): Promise<void> {
    if (end !== "stop" && end !== "savepoint") return this.#crash(end, isOver);
    life.isCalm = true;
    this.#setDisk(false);
    this.#node.resume();
    void life.run.stop().catch(() => {});
    await this.#world.runUntil(isOver, { withinMs: MOST_MS });
    this.#cover("stops");
    if (end !== "savepoint" || this.#end !== "stopped") return;
    this.#cover("savepoints");
    const layers = this.#checkpoints.latest?.layers ?? [];
    this.#from = { read: async () => layers };
    this.#checkpoints = new ModelledCheckpoints();
    this.#stores++;
  }

  async #crash(end: "crash" | "crash in a commit" | "kill", isOver: () => boolean): Promise<void> {
    const isCommitting = (): boolean => this.#logs.some(({ committing }) => committing > 0);
    const untilMs = this.#world.clock.now() + (end === "crash in a commit" ? 300 : 0);
    await this.#world.runUntil(
      () => isOver() || isCommitting() || this.#world.clock.now() >= untilMs,
    );
    if (this.#checkpoints.latest) this.#cover("crashes with a checkpoint");
    if (isCommitting()) this.#cover("crashes while a commit was made");
    if (end === "kill") this.#node.kill();
    else this.#node.crash();
    for (const log of this.#logs) log.committing = 0;
  }

  #setDisk(isBad: boolean): void {
    const failing = isBad ? this.#planned.failureProbability / 2 : 0;
    this.#node.disk.setFaults({
      latencyMs: { min: 0.05, max: 2 },
      readErrorProbability: failing,
      writeErrorProbability: failing,
      syncErrorProbability: failing,
    });
  }

  /** Pauses the process, and moves its clock, now and then. */
  #disturb({ number, faults }: PlannedLife): { cancel(): void } {
    const random = this.#random.fork(`disturbance ${number}`);
    const node = this.#node;
    let timer: { cancel(): void } | undefined;
    const next = (): void => {
      timer = this.#world.clock.setTimer(integerBetween(random, 1, 100), () => {
        if (faults.includes("clock") && random.next() < 0.3) {
          node.jumpWallClock(pick(random, [-60_000, -100, -5, 5, 100, 60_000]));
        }
        if (faults.includes("pauses") && random.next() < 0.3) {
          node.pause();
          this.#world.clock.setTimer(integerBetween(random, 1, 50), () => node.resume());
        }
        next();
      });
    };
    next();
    return { cancel: () => timer?.cancel() };
  }

  #checkEnd(): void {
    if (this.#end !== "finished") throw new Error(`the last life ended ${this.#end}`);
    this.#cover("finished runs");
    for (const { key } of this.#logs.flatMap(({ lines }) => lines)) {
      if (key.startsWith("late ")) this.#cover("late records");
    }
    const wrong =
      this.#program.check(
        this.#logs.map(({ lines }) => lines),
        this.#wasRescaled,
      ) ?? stateLeft(this.#program, this.#checkpoints.latest?.layers ?? []);
    if (wrong) throw new Error(wrong);
  }

  #explain(error: unknown): TargetFailure {
    return {
      reason:
        error instanceof Error ? `${error.name}: ${error.message}`.slice(0, 400) : String(error),
      details: [
        `seed ${this.#seed}: ${this.#program.describe()}`,
        JSON.stringify({ ...this.#program.data, sources: undefined }),
        error instanceof Error ? error.stack : "",
        error instanceof Error && error.cause ? String((error.cause as Error).stack) : "",
      ].join("\n"),
      diagram: sequenceDiagram(this.#world.trace.recent(), ["machine"]),
    };
  }
}

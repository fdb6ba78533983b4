import { pick, type Random } from "@quorate/runtime";
import type { NodeEnvironment } from "@quorate/simulation";
import type { CheckpointStore } from "../src/checkpoint/checkpoint-store.ts";
import type { Savepoint } from "../src/checkpoint/savepoint.ts";
import { PipelineRun } from "../src/run/pipeline-run.ts";
import { exponentialDelay } from "../src/run/restart-strategy.ts";
import { checkRunOptions } from "../src/run/run-options.ts";
import type { LifeFault, PlannedLife } from "./planned-life.ts";
import type { SimulatedProgram } from "./simulated-program.ts";
import type { SimulatedSource, SourceWorld } from "./simulated-source.ts";
import { type ExchangeWorld, simulatedSubtasks } from "./simulated-subtasks.ts";
import type { Cover } from "./stream-coverage.ts";
import type { StoreWorld } from "./modelled-checkpoints.ts";
import { textCodec } from "./text-codec.ts";
import type { SinkWorld, TransactionalLog } from "./transactional-log.ts";

/** What outlives a process. */
export interface StreamWorld {
  readonly program: SimulatedProgram;
  readonly sources: readonly SimulatedSource[];
  readonly logs: readonly TransactionalLog[];
  readonly store: (world: StoreWorld, environment: NodeEnvironment) => CheckpointStore;
  readonly from: Savepoint | undefined;
  readonly cover: Cover;
  readonly fail: (error: Error) => void;
}

/** One process that runs the pipeline, and what goes wrong in its time. */
export class StreamLife {
  readonly run: PipelineRun;
  readonly #planned: PlannedLife;
  readonly #random: Random;
  readonly #world: StreamWorld;
  /** Nothing goes wrong any more. */
  isCalm = false;

  constructor(
    planned: PlannedLife,
    world: StreamWorld,
    environment: NodeEnvironment,
    isRestored: boolean,
  ) {
    this.#planned = planned;
    this.#world = world;
    this.#random = environment.random.fork("life");
    this.run = this.#start(environment, isRestored);
  }

  #start(environment: NodeEnvironment, isRestored: boolean): PipelineRun {
    const { clock } = environment;
    const { program, cover, from } = this.#world;
    const random = this.#random;
    const callMs = pick(random, [0.1, 5, 50]);
    const sinkRecords = pick(random, [1, 4, 50]);
    const { graph } = program.build({
      sources: this.#sources(environment),
      sinks: this.#sinks(environment, sinkRecords),
      clock,
      callMs: () => callMs * random.next(),
      throws: () => this.#happens("throws", 0.1),
      fail: this.#world.fail,
      firedTimer: () => isRestored && cover("timers fired after a restore"),
    });
    const options = checkRunOptions({
      checkpoints: this.#world.store(this.#storeWorld(environment), environment),
      checkpointIntervalMs: pick(random, [1, 5, 20, 100]),
      minPauseMs: pick(random, [0, 10]),
      checkpointTimeoutMs: this.#isHurried ? pick(random, [1_000, 600_000]) : 600_000,
      maxFailedCheckpoints: pick(random, [0, 5, 20]),
      restart: exponentialDelay({ firstMs: 1, maxMs: 20 }),
      keyGroups: program.data.keyGroups,
      sinkRecords,
      maxDriftMs: pick(random, [20, Infinity]),
      tickMs: pick(random, [1, 20]),
      isObserved: random.next() < 0.5,
      codec: textCodec,
      clock,
      ...(from && { from }),
      onRestart: () => cover("restarts after a failure"),
    });
    return new PipelineRun(
      graph,
      options,
      simulatedSubtasks(graph, options, this.#exchangeWorld(environment)),
    );
  }

  #sources({ clock }: NodeEnvironment): ReturnType<SimulatedSource["in"]>[] {
    const random = this.#random;
    const world: SourceWorld = {
      clock,
      random: random.fork("sources"),
      delayMs: pick(random, [0.1, 2, 10]),
      mostRecords: pick(random, [1, 2, 10]),
      fails: () => this.#happens("sources", 0.2),
      fail: this.#world.fail,
    };
    return this.#world.sources.map((source) => source.in(world));
  }

  #sinks({ clock }: NodeEnvironment, sinkRecords: number): ReturnType<TransactionalLog["in"]>[] {
    const random = this.#random;
    const world: SinkWorld = {
      clock,
      random: random.fork("sinks"),
      delayMs: pick(random, this.#isHurried ? [0.1, 2, 20] : [0.1, 2]),
      mostRecords: sinkRecords + this.#world.program.mostOfOneEvent,
      life: `${this.#planned.number}`,
      fails: (step) => this.#failsHalfway("sinks", step === "write" ? 0.2 : 1),
      cover: this.#world.cover,
      fail: this.#world.fail,
    };
    return this.#world.logs.map((log) => log.in(world));
  }

  #storeWorld({ clock }: NodeEnvironment): StoreWorld {
    return {
      clock,
      random: this.#random.fork("store"),
      delayMs: pick(this.#random, [0.1, 2, 20]),
      fails: () => this.#failsHalfway("store", 2),
      cover: this.#world.cover,
      fail: this.#world.fail,
    };
  }

  #exchangeWorld({ clock }: NodeEnvironment): ExchangeWorld {
    const random = this.#random;
    return {
      clock,
      random: random.fork("exchange"),
      subtasks: this.#planned.subtasks,
      batchRecords: pick(random, [1, 3, 20]),
      credits: pick(random, [1, 2, 8]),
      delayMs: pick(random, [0.1, 2, 20]),
      comesAgain: () => this.#happens("again", 3),
      cover: this.#world.cover,
      fail: this.#world.fail,
    };
  }

  /** The last life is to come to its end, however long it takes. */
  get #isHurried(): boolean {
    return this.#planned.afterMs < Infinity;
  }

  #happens(fault: LifeFault, factor: number): boolean {
    const { faults, failureProbability } = this.#planned;
    if (this.isCalm || !faults.includes(fault)) return false;
    return this.#random.next() < failureProbability * factor;
  }

  #failsHalfway(fault: LifeFault, factor: number): "before" | "after" | undefined {
    if (!this.#happens(fault, factor)) return undefined;
    if (fault === "store") this.#world.cover("checkpoints that could not be stored");
    return this.#random.next() < 0.5 ? "before" : "after";
  }
}

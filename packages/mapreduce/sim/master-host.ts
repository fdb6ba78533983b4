import { pause, type Random } from "@quorate/runtime";
import type { NodeEnvironment } from "@quorate/simulation";
import { type JobJournal, type Master, startMaster } from "../src/cluster/index.ts";
import { MapReduceError } from "../src/mapreduce-error.ts";
import type { JobQueue } from "./job-queue.ts";
import type { MapReduceCoverage } from "./mapreduce-coverage.ts";
import type { SharedOutput } from "./shared-output.ts";
import { planOf } from "./simulated-job.ts";

const LOOK_EVERY_MS = 100;

export interface MasterHostParts {
  readonly queue: JobQueue;
  readonly output: SharedOutput;
  readonly hosts: readonly string[];
  readonly journal: (job: number) => JobJournal;
  /** Whether this machine is told to have the master; it may be told late. */
  readonly leads: () => boolean;
  readonly cover: (what: MapReduceCoverage) => void;
}

/** A machine on which a master runs whenever there is a job and it is this machine's turn. */
export class MasterHost {
  readonly #environment: NodeEnvironment;
  readonly #parts: MasterHostParts;
  readonly #random: Random;
  #master: Master | undefined;
  #job = -1;

  constructor(environment: NodeEnvironment, parts: MasterHostParts) {
    this.#environment = environment;
    this.#parts = parts;
    this.#random = environment.random.fork("master");
  }

  get isAtWork(): boolean {
    return this.#master !== undefined;
  }

  /** What must be true of a master at any time. */
  check(): void {
    const { maps, reduces, workers, outcome } = this.#master?.state ?? {};
    if (!maps || !reduces || outcome) return;
    for (const { kind, tasks } of [maps, reduces]) {
      for (const [task, { failures }] of tasks.entries()) {
        if (failures > 4) throw new Error(`${kind} ${task} has failed ${failures} times`);
      }
    }
    if (reduces.completed === reduces.tasks.length) return;
    for (const [task, { status, result }] of maps.tasks.entries()) {
      if (status !== "completed" || workers!.some(({ id }) => id === result!.worker)) continue;
      throw new Error(`map ${task} counts as completed, on ${result!.worker}, which is dead`);
    }
  }

  describe(): string {
    if (!this.#master) return "no master";
    const { maps, reduces } = this.#master.totals();
    const { workers, outcome } = this.#master.state;
    return `job ${this.#job}: ${JSON.stringify({ maps, reduces, workers, outcome })}`;
  }

  async run(): Promise<void> {
    const { clock } = this.#environment;
    for (;;) {
      await pause(clock, LOOK_EVERY_MS * (1 + this.#random.next()), []);
      const { queue, leads } = this.#parts;
      const isOld = this.#job !== queue.current.number;
      if (this.#master && (isOld || !leads())) await this.#stop();
      if (!this.#master && leads()) await this.#start(queue.current.number);
    }
  }

  async #stop(): Promise<void> {
    // A master that is not told yet goes on beside the next one.
    const isTold = this.#parts.queue.isCalm || this.#random.next() < 0.3;
    if (!isTold && this.#job === this.#parts.queue.current.number) return;
    await this.#master!.stop();
    this.#master = undefined;
  }

  async #start(number: number): Promise<void> {
    const { transport, clock } = this.#environment;
    const { queue, output, hosts, journal } = this.#parts;
    this.#job = number;
    try {
      this.#master = await startMaster(
        {
          job: `job-${number}`,
          plan: () => planOf(queue.job(number), hosts),
          heartbeatMs: 100,
          deadAfterMs: 1_500,
          withoutWorkersMs: 8_000,
          tracker: { stalledMs: 8_000, speculation: { minMs: 300 } },
        },
        { transport, clock, journal: journal(number), output: output.of(number, clock) },
      );
    } catch (error) {
      return this.#failed(number, error);
    }
    const master = this.#master;
    master.result.then(
      (totals) => queue.finished(number, totals),
      async (error: unknown) => {
        await master.stop();
        if (this.#master === master) this.#master = undefined;
        this.#failed(number, error);
      },
    );
  }

  #failed(number: number, error: unknown): void {
    const code = error instanceof MapReduceError ? error.code : undefined;
    if (code === "journal-failed") return this.#parts.cover("masters that could not go on");
    if (code === "aborted" || code === "output-failed") return; // stopped, or to be tried again
    this.#parts.queue.failed(number, error);
  }
}

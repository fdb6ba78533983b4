import type { JobTotals } from "../src/cluster/index.ts";
import { MapReduceError } from "../src/mapreduce-error.ts";
import type { MapReduceCoverage } from "./mapreduce-coverage.ts";
import { countersOf, drawJob, resultOf, type SimulatedJob } from "./simulated-job.ts";

/** More attempts of a task than these are too many, whatever goes wrong. */
const MOST_ATTEMPTS = 80;

/** One job after the other, what they must give, and how they ended. */
export class JobQueue {
  readonly #seed: string;
  readonly #cover: (what: MapReduceCoverage) => void;
  readonly #fail: (error: Error) => void;
  readonly #runs = new Set<string>();
  readonly #attempts = new Map<string, number>();
  #current: SimulatedJob;
  #finishedSinceCalm = 0;
  #calmAt = Infinity;
  #isCalm = false;

  constructor(
    seed: string,
    cover: (what: MapReduceCoverage) => void,
    fail: (error: Error) => void,
  ) {
    this.#seed = seed;
    this.#cover = cover;
    this.#fail = fail;
    this.#current = drawJob(0, seed);
  }

  /** What is to be done now. */
  get current(): SimulatedJob {
    return this.#current;
  }

  /** Two jobs have been finished since nothing goes wrong any more. */
  get isSettled(): boolean {
    return this.#finishedSinceCalm >= 2;
  }

  get isCalm(): boolean {
    return this.#isCalm;
  }

  /** From now on nothing goes wrong: the next job, at least, must not fail. */
  calm(): void {
    this.#isCalm = true;
    this.#calmAt = this.#current.number;
  }

  job(number: number): SimulatedJob {
    return drawJob(number, this.#seed);
  }

  /** An attempt begins on some worker. */
  started(job: number, name: string): void {
    const run = `${job}/${name}`;
    if (this.#runs.has(run)) this.#fail(new Error(`job ${job}: ${name} runs a second time`));
    this.#runs.add(run);
    const task = run.slice(0, run.lastIndexOf("-"));
    const count = (this.#attempts.get(task) ?? 0) + 1;
    this.#attempts.set(task, count);
    if (count > 1 && name.startsWith("map")) this.#cover("maps redone");
    if (count > MOST_ATTEMPTS) this.#fail(new Error(`job ${job}: ${name} is one too many`));
  }

  /** The output of a job is complete. */
  published(job: number, parts: readonly string[]): void {
    const expected = resultOf(this.job(job));
    if (JSON.stringify(parts) === JSON.stringify(expected)) return;
    const both = `${JSON.stringify(parts)}, and should be ${JSON.stringify(expected)}`;
    this.#fail(new Error(`job ${job}: the result is ${both}`));
  }

  /** Some master says that it has finished; its successor may say so, too. */
  finished(job: number, { counters }: JobTotals): void {
    const expected = JSON.stringify(countersOf(this.job(job)));
    if (JSON.stringify(counters) !== expected) {
      const both = `${JSON.stringify(counters)}, and should be ${expected}`;
      this.#fail(new Error(`job ${job}: counters are ${both}`));
    }
    if (job !== this.#current.number) return;
    this.#cover("jobs finished");
    if (this.#current.partitions === 0) this.#cover("jobs of maps alone");
    if (this.#isCalm) this.#finishedSinceCalm++;
    this.#next();
  }

  failed(job: number, error: unknown): void {
    if (job !== this.#current.number) return;
    const code = error instanceof MapReduceError ? error.code : undefined;
    const mayBe = code === "task-failed" || code === "worker-lost";
    if (!mayBe || job > this.#calmAt) {
      this.#fail(new Error(`job ${job} failed: ${String(error)}`, { cause: error }));
    }
    this.#cover("jobs failed");
    this.#next();
  }

  #next(): void {
    this.#current = drawJob(this.#current.number + 1, this.#seed);
  }
}

import type { Clock, Random } from "@quorate/runtime";
import { type AttemptId, attemptName } from "../src/tracker/index.ts";
import type { JobOutput } from "../src/cluster/index.ts";
import type { MapReduceCoverage } from "./mapreduce-coverage.ts";

/** What became of one job. */
interface JobFiles {
  /** By attempt: written, and not committed. */
  readonly written: Map<string, string>;
  /** By task. */
  readonly committed: Map<number, { readonly name: string; readonly text: string }>;
  isFinished: boolean;
}

/** What the output of a job is watched by. */
interface Watch {
  readonly world: Clock;
  readonly random: Random;
  readonly mayFail: () => boolean;
  readonly cover: (what: MapReduceCoverage) => void;
  readonly fail: (error: Error) => void;
  /** The parts are all there, and nobody changes them any more. */
  readonly finished: (job: number, parts: readonly string[]) => void;
}

/**
 * A file system that all machines share, which does what it is told though some time later, whatever
 * has become of who told it; and the place where two commits of one task would be seen.
 */
export class SharedOutput {
  readonly #watch: Watch;
  readonly #jobs = new Map<number, JobFiles>();

  constructor(watch: Watch) {
    this.#watch = watch;
  }

  wrong(message: string): void {
    this.#watch.fail(new Error(message));
  }

  /** As one machine sees it. */
  of(job: number, clock: Clock): JobOutput & { write(name: string, text: string): Promise<void> } {
    const act = <T>(what: () => T): Promise<T> => this.#later(clock, what);
    return {
      begin: async () => {},
      write: (name, text) => act(() => void this.#files(job).written.set(name, text)),
      commit: (attempt) => act(() => this.#commit(job, attempt)),
      discard: (attempt) => act(() => this.#discard(job, attempt)),
      finish: () => act(() => this.#finish(job)),
      abort: () => act(() => this.#files(job).written.clear()),
    };
  }

  #commit(job: number, attempt: AttemptId): void {
    const { written, committed, isFinished } = this.#files(job);
    const name = attemptName(attempt);
    const there = committed.get(attempt.task);
    if (there?.name === name) return this.#watch.cover("commits asked for again");
    const text = written.get(name);
    if (text === undefined || (this.#watch.mayFail() && this.#watch.random.next() < 0.05)) {
      this.#watch.cover("commits failed");
      throw new Error(`${name} cannot be committed`);
    }
    if (there) this.wrong(`job ${job}: ${name} is committed after ${there.name}`);
    if (isFinished) this.wrong(`job ${job}: ${name} is committed after the job`);
    this.#watch.cover("commits");
    written.delete(name);
    committed.set(attempt.task, { name, text });
  }

  #discard(job: number, attempt: AttemptId): void {
    const { written, committed } = this.#files(job);
    const name = attemptName(attempt);
    if (committed.get(attempt.task)?.name === name) {
      throw new Error(`${name} is committed`);
    }
    written.delete(name);
  }

  #finish(job: number): void {
    const files = this.#files(job);
    files.isFinished = true;
    const parts = [...files.committed].sort(([left], [right]) => left - right);
    this.#watch.finished(
      job,
      parts.map(([, { text }]) => text),
    );
  }

  #files(job: number): JobFiles {
    const files = this.#jobs.get(job) ?? {
      written: new Map<string, string>(),
      committed: new Map<number, { name: string; text: string }>(),
      isFinished: false,
    };
    this.#jobs.set(job, files);
    return files;
  }

  /** Done by the world's clock, and told by the machine's: it may be dead by then. */
  #later<T>(clock: Clock, what: () => T): Promise<T> {
    const { world, random } = this.#watch;
    const doneMs = random.next() < 0.1 ? 2_000 * random.next() : 5 * random.next();
    let result: () => T = () => {
      throw new Error("not done");
    };
    world.setTimer(doneMs, () => {
      try {
        const value = what();
        result = () => value;
      } catch (error) {
        result = () => {
          throw error;
        };
      }
    });
    return new Promise((resolve, reject) => {
      // Clocks differ: to be sure that it is done.
      clock.setTimer(2 * doneMs + 5, () => {
        try {
          resolve(result());
        } catch (error) {
          reject(error);
        }
      });
    });
  }
}

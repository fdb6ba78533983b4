import type { Disk } from "../disk/disk.ts";
import { RunWriter } from "../sort/run-writer.ts";
import type { Segment } from "./task.ts";

export interface SpillerOptions {
  readonly disk: Disk;
  readonly folder: string;
  readonly blockBytes: number;
  readonly isCompressed: boolean;
}

/** Writes what a map task has in memory as a sorted run, each time that it is full. */
export class Spiller {
  readonly segments: Segment[] = [];
  /** Runs written. */
  count = 0;
  /**
   * What went wrong. It was thrown from `emit` through the job's own code, which may have caught it:
   * the task must not go on as if nothing had happened.
   */
  failure: { readonly error: unknown } | undefined;
  readonly #options: SpillerOptions;

  constructor(options: SpillerOptions) {
    this.#options = options;
  }

  spill(from: { writeTo(run: RunWriter): void }): void {
    try {
      this.#write(from);
    } catch (error) {
      this.failure ??= { error };
      throw error;
    }
  }

  #write(from: { writeTo(run: RunWriter): void }): void {
    const file = `${this.#options.folder}/run-${this.count}`;
    const run = new RunWriter({ ...this.#options, file });
    try {
      from.writeTo(run);
    } finally {
      run.close();
    }
    this.segments.push(...run.segments);
    this.count++;
  }
}

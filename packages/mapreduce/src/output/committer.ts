import { dirname, join, relative, resolve } from "node:path";
import type { Disk } from "../disk/disk.ts";
import { systemDisk } from "../disk/system-disk.ts";
import { MapReduceError } from "../mapreduce-error.ts";
import { writing } from "./output-error.ts";
import { outputNames, type OutputNames, SUCCESS_NAME } from "./output-names.ts";
import { finishReplacement, isOutputOf, recoverOutput, writeIntent } from "./recover-output.ts";

export interface CommitterOptions {
  /** The output's folder, absolute or relative to the process's. */
  readonly output: string;
  /**
   * Names the job among all that ever write to this output: letters, digits, `_`, `-`, up to 64. A
   * job that is taken up again after a crash has the same one.
   */
  readonly job: string;
  /**
   * Whether the output takes the place of one that is there; else that is an `output-exists`.
   *
   * @default false
   */
  readonly overwrite?: boolean;
}

/** What a committer needs from outside; each has a default. */
export interface CommitterDependencies {
  /** @default systemDisk */
  readonly disk?: Disk;
}

/** One attempt of one task. Each that runs has a folder to itself. */
export interface AttemptId {
  readonly task: number;
  readonly attempt: number;
}

/**
 * Makes one output of what tasks write, all or nothing. Attempts write beside the output's folder and
 * never into it: two attempts of a task that run at once cannot mix (SPARK-9899). Who calls
 * `commitTask` is the one arbiter of which attempt counts.
 *
 * A crash at any point leaves the old output or the new one. A fresh output appears by one rename. An
 * old one is replaced by two, after a durable note of that; when a crash comes between them, there is
 * nothing at the output's name until `recoverOutput`, which every job that reads or writes it calls.
 *
 * Of a job that was killed, the hidden folder `.<output>.<job>.new` stays beside the output. Nothing
 * reads it; `abort` of a committer of the same job removes it.
 *
 * All methods throw `output-failed`, or `no-space`, when the disk fails.
 */
export class OutputCommitter {
  readonly #disk: Disk;
  readonly #job: string;
  readonly #overwrite: boolean;
  readonly #names: OutputNames;
  readonly #staging: string;
  readonly #attempts: string;
  readonly #committed: string;

  constructor(
    { output, job, overwrite = false }: CommitterOptions,
    { disk = systemDisk }: CommitterDependencies = {},
  ) {
    if (!/^[\w-]{1,64}$/.test(job)) {
      throw new MapReduceError(
        "invalid-job",
        `job must be letters, digits, _ and -, up to 64, and is ${JSON.stringify(job)}`,
      );
    }
    this.#disk = disk;
    this.#job = job;
    this.#overwrite = overwrite;
    this.#names = outputNames(resolve(output));
    this.#staging = this.#names.staging(job);
    this.#attempts = join(this.#staging, "_temporary");
    this.#committed = join(this.#staging, "_committed");
  }

  /** Whether the output is this job's already: it was committed before a crash. */
  isCommitted(): boolean {
    const { output } = this.#names;
    return writing(`cannot look at the output ${output}`, () => {
      recoverOutput(this.#disk, output);
      return isOutputOf(this.#disk, output, this.#job);
    });
  }

  /**
   * Puts an interrupted replacement right and makes room for attempts. Called again for the same job,
   * also after a crash, it keeps what was committed.
   *
   * @throws {MapReduceError} `output-exists`.
   */
  begin(): void {
    writing(`cannot prepare the output ${this.#names.output}`, () => {
      const { output, parent } = this.#names;
      this.#disk.makeFolder(parent);
      recoverOutput(this.#disk, output);
      this.#checkFree();
      this.#disk.makeFolder(this.#attempts);
      this.#disk.makeFolder(this.#committed);
      this.#disk.syncFolder(this.#staging);
      this.#disk.syncFolder(parent);
    });
  }

  /** Makes an attempt's folder, empty; one of the same number has been before. */
  makeAttemptFolder(id: AttemptId): string {
    const folder = this.#attemptFolder(id);
    writing(`cannot make ${folder}`, () => {
      this.#disk.remove(folder);
      this.#disk.makeFolder(folder);
    });
    return folder;
  }

  /** Removes what an attempt wrote: it failed, or another one was faster. */
  dropAttempt(id: AttemptId): void {
    const folder = this.#attemptFolder(id);
    writing(`cannot remove ${folder}`, () => this.#disk.remove(folder));
  }

  /**
   * Makes an attempt, whose writers have closed, the one that counts for its task, durably. False
   * when another one is that already; this one is dropped then.
   */
  commitTask(id: AttemptId): boolean {
    const committed = join(this.#committed, String(id.task));
    return writing(`cannot commit task ${id.task}`, () => {
      if (this.#disk.exists(committed)) {
        this.dropAttempt(id);
        return false;
      }
      const attempt = this.#attemptFolder(id);
      this.#syncFolders(attempt);
      this.#disk.rename(attempt, committed);
      this.#disk.syncFolder(this.#committed);
      return true;
    });
  }

  /**
   * Makes the output of all tasks, from 0 to before `tasks`, visible at once and durable. Called
   * again after a crash, it goes on from where it was.
   *
   * @throws {MapReduceError} `output-exists` when it has come to be since `begin`.
   */
  commitJob(tasks: number): void {
    writing(`cannot commit the output ${this.#names.output}`, () => {
      const { output, parent } = this.#names;
      if (this.isCommitted()) return this.#disk.syncFolder(parent);
      this.#checkFree();
      this.#gather(tasks);
      if (this.#disk.exists(output)) {
        writeIntent(this.#disk, this.#names, this.#job);
        finishReplacement(this.#disk, this.#names, this.#job);
      } else {
        this.#disk.rename(this.#staging, output);
        this.#disk.syncFolder(parent);
      }
    });
  }

  /**
   * Removes all that the job wrote, and what was there before stays; unless the commit came so far
   * that the new output counts: then it is finished.
   */
  abort(): void {
    writing(`cannot remove ${this.#staging}`, () => {
      recoverOutput(this.#disk, this.#names.output);
      this.#disk.remove(this.#names.draft(this.#job));
      this.#disk.remove(this.#staging);
    });
  }

  #attemptFolder({ task, attempt }: AttemptId): string {
    return join(this.#attempts, `${task}-${attempt}`);
  }

  #checkFree(): void {
    const { output } = this.#names;
    if (!this.#disk.exists(output) || isOutputOf(this.#disk, output, this.#job)) return;
    if (!this.#overwrite) {
      throw new MapReduceError(
        "output-exists",
        `${output} is there already; choose another folder, or allow overwrite`,
      );
    }
    const isEmpty = this.#disk.isFolder(output) && this.#disk.list(output).length === 0;
    if (isEmpty || this.#disk.exists(join(output, SUCCESS_NAME))) return;
    throw new MapReduceError(
      "output-exists",
      `${output} has no ${SUCCESS_NAME}, so it is no job's output, and is not overwritten`,
    );
  }

  /** Brings the parts of all tasks together in the staging folder, which becomes the output. */
  #gather(tasks: number): void {
    const success = join(this.#staging, SUCCESS_NAME);
    if (!this.#disk.exists(success)) {
      for (let task = 0; task < tasks; task += 1) this.#moveParts(task);
      this.#syncFolders(this.#staging);
      this.#writeSuccess(success, tasks);
    }
    this.#disk.remove(this.#attempts);
    this.#disk.remove(this.#committed);
    this.#disk.syncFolder(this.#staging);
  }

  #moveParts(task: number): void {
    const folder = join(this.#committed, String(task));
    if (!this.#disk.exists(folder)) {
      throw new MapReduceError("output-failed", `task ${task} has committed no attempt`);
    }
    for (const file of filesBelow(this.#disk, folder)) {
      const part = join(this.#staging, relative(folder, file));
      this.#disk.makeFolder(dirname(part));
      this.#disk.rename(file, part);
    }
  }

  /** Under another name until it is whole: who finds it here after a crash goes by it. */
  #writeSuccess(path: string, tasks: number): void {
    const unnamed = join(this.#attempts, SUCCESS_NAME);
    this.#disk.remove(unnamed);
    const file = this.#disk.create(unnamed);
    try {
      file.append(Buffer.from(`${JSON.stringify({ job: this.#job, tasks })}\n`));
      file.sync();
    } finally {
      file.close();
    }
    this.#disk.rename(unnamed, path);
    this.#disk.syncFolder(this.#staging);
  }

  #syncFolders(folder: string): void {
    for (const name of this.#disk.list(folder)) {
      const path = join(folder, name);
      if (path === this.#attempts || path === this.#committed) continue;
      if (this.#disk.isFolder(path)) this.#syncFolders(path);
    }
    this.#disk.syncFolder(folder);
  }
}

function filesBelow(disk: Disk, folder: string): string[] {
  return disk.list(folder).flatMap((name) => {
    const path = join(folder, name);
    return disk.isFolder(path) ? filesBelow(disk, path) : [path];
  });
}

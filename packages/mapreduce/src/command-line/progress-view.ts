import { MultiBar, type SingleBar } from "cli-progress";
import pc from "picocolors";
import type { JobProgress } from "../executors/job-progress.ts";
import { grouped, inBytes, inSeconds } from "./amounts.ts";

/** Shows how far a job is, as it goes on. */
export interface ProgressView {
  show(progress: JobProgress): void;
  /** No more is shown. A second call has no effect. */
  end(): void;
}

/** Bars on a terminal, a line for each phase elsewhere. */
export function shownProgress(stream: NodeJS.WriteStream): ProgressView {
  return stream.isTTY ? new ProgressBars(stream) : new ProgressLines(stream);
}

/** How much of its phase is done, from 0 to 1. */
export function shareDone({ bytes, totalBytes, done, tasks }: JobProgress): number {
  if (done === tasks) return 1;
  const share = totalBytes ? bytes / totalBytes : done / tasks;
  return Math.min(0.99, share); // attempts that failed count twice
}

/** "3 of 8 tasks, 1,200,000 records, 137 MB/s, 5.2 s to go". */
export function progressInWords(progress: JobProgress, phaseMs: number): string {
  const { done, tasks, records, bytes } = progress;
  const share = shareDone(progress);
  return [
    `${done} of ${tasks} tasks`,
    `${grouped(records)} records`,
    ...(bytes > 0 && phaseMs > 0 ? [`${inBytes((bytes * 1_000) / phaseMs)}/s`] : []),
    ...(share > 0 && share < 1 ? [`${inSeconds((phaseMs * (1 - share)) / share)} to go`] : []),
  ].join(", ");
}

/** Names a phase, and of a chain its step. */
export function phaseName({ step, phase }: JobProgress): string {
  return step === 0 ? phase : `${phase} ${step + 1}`;
}

const RESOLUTION = 1_000;

class ProgressBars implements ProgressView {
  readonly #bars: MultiBar;
  readonly #phases = new Map<string, { readonly bar: SingleBar; readonly startedAtMs: number }>();

  constructor(stream: NodeJS.WriteStream) {
    this.#bars = new MultiBar({
      format: `{phase} ${pc.cyan("{bar}")} {percentage}% | {words}`,
      barsize: 24,
      barCompleteChar: "█",
      barIncompleteChar: "░",
      hideCursor: true,
      stream,
    });
  }

  show(progress: JobProgress): void {
    const name = phaseName(progress);
    let phase = this.#phases.get(name);
    if (!phase) {
      const payload = { phase: name.padEnd(8), words: "" };
      const bar = this.#bars.create(RESOLUTION, 0, payload);
      phase = { bar, startedAtMs: progress.elapsedMs };
      this.#phases.set(name, phase);
    }
    const words = progressInWords(progress, progress.elapsedMs - phase.startedAtMs);
    phase.bar.update(Math.round(RESOLUTION * shareDone(progress)), { words });
  }

  end(): void {
    this.#bars.stop();
  }
}

class ProgressLines implements ProgressView {
  readonly #stream: NodeJS.WriteStream;
  #last: JobProgress | undefined;
  #phaseStartedAtMs = 0;
  #hasEnded = false;

  constructor(stream: NodeJS.WriteStream) {
    this.#stream = stream;
  }

  show(progress: JobProgress): void {
    if (this.#last && phaseName(this.#last) !== phaseName(progress)) {
      this.#write(this.#last);
      this.#phaseStartedAtMs = progress.elapsedMs;
    }
    this.#last = progress;
  }

  end(): void {
    if (this.#last && !this.#hasEnded) this.#write(this.#last);
    this.#hasEnded = true;
  }

  #write(progress: JobProgress): void {
    const phaseMs = progress.elapsedMs - this.#phaseStartedAtMs;
    const words = progressInWords(progress, phaseMs);
    this.#stream.write(`${phaseName(progress)}: ${words}, after ${inSeconds(phaseMs)}\n`);
  }
}

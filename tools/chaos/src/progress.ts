import cliProgress from "cli-progress";
import type { FaultName } from "./arguments.ts";

/** What a run tells while it lasts. */
export interface Watcher {
  /** What is done now, in words. */
  onPhase(text: string): void;
  /** An operation began. */
  onOperation(): void;
  /** A fault was injected. */
  onFault(name: FaultName): void;
}

const TICKS_PER_SECOND = 5;

/** A bar where somebody looks; else a line for each phase and fault. */
export class Progress implements Watcher {
  readonly #stream: NodeJS.WriteStream;
  readonly #seconds: number;
  readonly #now: () => number;
  readonly #bar: cliProgress.SingleBar;
  #startedMs: number | undefined;
  #operations = 0;
  #faults = 0;

  /** `seconds`: how long faults are injected; counted from the first operation. */
  constructor(stream: NodeJS.WriteStream, seconds: number, now: () => number) {
    this.#stream = stream;
    this.#seconds = seconds;
    this.#now = now;
    this.#bar = new cliProgress.SingleBar({
      format: "{bar} {operations} operations, {faults} faults, {left} s left",
      stream,
      fps: TICKS_PER_SECOND,
      noTTYOutput: false,
    });
  }

  onPhase(text: string): void {
    this.#bar.stop();
    this.#stream.write(`chaos: ${text}\n`);
  }

  onOperation(): void {
    this.#operations++;
    if (this.#startedMs === undefined) {
      this.#startedMs = this.#now();
      this.#bar.start(this.#seconds, 0, this.#figures);
    } else this.#bar.update(this.#elapsedSeconds, this.#figures);
  }

  onFault(name: FaultName): void {
    this.#faults++;
    if (this.#stream.isTTY) return;
    const { operations, left } = this.#figures;
    this.#stream.write(`chaos: ${name} (${operations} operations, ${left} s left)\n`);
  }

  get #elapsedSeconds(): number {
    const elapsedMs = this.#now() - (this.#startedMs ?? this.#now());
    return Math.min(this.#seconds, elapsedMs / 1_000);
  }

  get #figures(): { readonly operations: number; readonly faults: number; readonly left: number } {
    const left = Math.ceil(this.#seconds - this.#elapsedSeconds);
    return { operations: this.#operations, faults: this.#faults, left };
  }
}

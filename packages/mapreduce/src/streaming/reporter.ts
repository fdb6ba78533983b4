import type { Writable } from "node:stream";
import { TaskCounters } from "../task/task-counters.ts";

/** Records between two signs of life: Hadoop stops a task that gives none for long. */
const STATUS_RECORDS = 1_000_000;

/** Tells Hadoop of counters and of progress, by lines on standard error. */
export class Reporter {
  readonly #stream: Writable;
  readonly #group: string;
  readonly #told = new Map<string, number>();
  readonly #counters = new TaskCounters(false);
  #toldAt = 0;

  constructor(stream: Writable, job: string) {
    this.#stream = stream;
    this.#group = plain(job);
  }

  readonly count = (name: string, by = 1): void => this.#counters.count(name, by);

  /** Now and then. @param records gone through so far. */
  progress(records: number): void {
    if (records - this.#toldAt < STATUS_RECORDS) return;
    this.#toldAt = records;
    this.#stream.write(`reporter:status:${records} records\n`);
    this.tellCounters();
  }

  /** What was counted since the last time, since Hadoop adds. */
  tellCounters(): void {
    for (const [name, total] of Object.entries(this.#counters.toJSON())) {
      const by = total - (this.#told.get(name) ?? 0);
      if (by === 0) continue;
      this.#told.set(name, total);
      this.#stream.write(`reporter:counter:${this.#group},${plain(name)},${by}\n`);
    }
  }
}

/** Commas and newlines end a field or the line. */
const plain = (name: string): string => name.replace(/[,\r\n]/g, " ");

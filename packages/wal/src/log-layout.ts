import type { BatchHeader } from "./batch-header.ts";

/** Bytes between two places of a run that are remembered, and so the most that a read skips. */
const MARK_EVERY_BYTES = 2 ** 20;

/** A batch's first index, and where the batch begins in its segment. */
interface Mark {
  readonly index: number;
  readonly offset: number;
}

/**
 * Batches that follow each other in one segment and of whose records those from `firstIndex` to
 * `lastIndex` are alive.
 */
export interface Run {
  readonly segment: number;
  readonly firstIndex: number;
  readonly lastIndex: number;
  readonly marks: readonly Mark[];
}

interface OpenRun extends Run {
  lastIndex: number;
  readonly marks: Mark[];
}

/**
 * The core of reading: which bytes hold which record, after all truncations. Fed with the header of
 * each batch in the order of the log, both by recovery and by the writer.
 */
export class LogLayout {
  #runs: OpenRun[] = [];
  #keptFrom: number;
  #nextIndex: number;
  /** Dead batches follow the last run, so what comes next needs a run of its own. */
  #cut = false;

  constructor(keptFrom: number, nextIndex: number) {
    this.#keptFrom = keptFrom;
    this.#nextIndex = nextIndex;
  }

  get firstIndex(): number {
    return this.#keptFrom;
  }

  get lastIndex(): number {
    return this.#nextIndex - 1;
  }

  /** The oldest segment with a living record, if there is one. */
  get oldestSegment(): number | undefined {
    return this.#runs[0]?.segment;
  }

  /** Whether every record from `firstIndex` to `lastIndex` has its place. */
  get isWhole(): boolean {
    const first = this.#runs[0];
    return first ? first.firstIndex <= this.#keptFrom : this.#nextIndex === this.#keptFrom;
  }

  /** The next batch of the log is at `offset` of `segment`. */
  add(
    segment: number,
    offset: number,
    header: Pick<BatchHeader, "firstIndex" | "recordCount" | "keptFrom">,
  ): void {
    const { firstIndex, recordCount } = header;
    if (firstIndex < this.#nextIndex) this.#truncate(firstIndex);
    if (recordCount > 0) this.#place(segment, offset, firstIndex, firstIndex + recordCount - 1);
    this.#nextIndex = firstIndex + recordCount;
    this.#keptFrom = header.keptFrom;
    while (this.#runs[0] && this.#runs[0].lastIndex < this.#keptFrom) this.#runs.shift();
  }

  /** The parts of runs that hold the records `from` to `to`, as they are now. */
  runsBetween(from: number, to: number): Run[] {
    return this.#runs
      .filter((run) => run.lastIndex >= from && run.firstIndex <= to)
      .map((run) => ({ ...run, lastIndex: Math.min(run.lastIndex, to) }));
  }

  #truncate(fromIndex: number): void {
    this.#cut = true;
    while (this.#runs.length > 0 && this.#runs.at(-1)!.firstIndex >= fromIndex) this.#runs.pop();
    const last = this.#runs.at(-1);
    if (last) last.lastIndex = Math.min(last.lastIndex, fromIndex - 1);
  }

  #place(segment: number, offset: number, firstIndex: number, lastIndex: number): void {
    const mark = { index: firstIndex, offset };
    const run = this.#runs.at(-1);
    if (!run || this.#cut || run.segment !== segment || run.lastIndex !== firstIndex - 1) {
      this.#runs.push({ segment, firstIndex, lastIndex, marks: [mark] });
      this.#cut = false;
      return;
    }
    run.lastIndex = lastIndex;
    if (offset - run.marks.at(-1)!.offset >= MARK_EVERY_BYTES) run.marks.push(mark);
  }
}

/** Where to begin to look for `index` in `run`: its batch is there or at most a mark's distance on. */
export function startOf(run: Run, index: number): Mark {
  let low = 0;
  let high = run.marks.length - 1;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (run.marks[middle]!.index <= index) low = middle;
    else high = middle - 1;
  }
  return run.marks[low]!;
}

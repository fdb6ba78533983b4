import type { Job } from "../job/job.ts";
import type { JobDriver } from "./job-driver.ts";
import type { JobPlan } from "./job-plan.ts";
import { peakRssBytes } from "./peak-rss.ts";
import type { RunSettings } from "./run-options.ts";

/** What a job did. */
export interface JobResult {
  readonly job: string;
  /** Its output's folder. */
  readonly output: string;
  readonly counters: Readonly<Record<string, number>>;
  readonly splits: number;
  readonly partitions: number;
  /** Tries that failed and were repeated. */
  readonly failedAttempts: number;
  readonly recordsIn: number;
  readonly bytesIn: number;
  /** Pairs that map gave, before they were combined. */
  readonly pairs: number;
  /** Bytes that went from map to reduce. */
  readonly shuffledBytes: number;
  readonly spills: number;
  readonly recordsOut: number;
  readonly bytesOut: number;
  /** Records set aside, which `_bad-records.jsonl` in the output is about. */
  readonly badRecords: number;
  /** How many times as many pairs as the average the largest partition has; 1 is even. */
  readonly skew: number;
  /** Milliseconds. `total` is more than the others together by setting up and cleaning up. */
  readonly times: {
    readonly plan: number;
    readonly map: number;
    readonly reduce: number;
    readonly commit: number;
    readonly total: number;
  };
  /** Of the input, over all of the time. */
  readonly bytesPerSecond: number;
  /** The most that this process ever held, with its threads and whatever else it does. */
  readonly peakRssBytes: number;
  /** Of a chain: the results of the jobs before this one. */
  readonly previous?: readonly JobResult[];
}

/** When a job came how far. */
export interface JobTimes {
  readonly startedAtMs: number;
  readonly plannedAtMs: number;
  readonly doneAtMs: number;
  readonly committedAtMs: number;
}

export function resultOf(
  { name }: Job,
  { output }: RunSettings,
  plan: JobPlan,
  { tracker, failedAttempts, mappedAtMs }: JobDriver,
  { startedAtMs, plannedAtMs, doneAtMs, committedAtMs }: JobTimes,
): JobResult {
  const { counters, maps, reduces } = tracker.totals();
  const last = plan.reduces > 0 ? reduces : maps;
  const mapped = mappedAtMs ?? doneAtMs;
  const total = committedAtMs - startedAtMs;
  return {
    job: name,
    output,
    counters,
    splits: plan.maps.length,
    partitions: plan.reduces,
    failedAttempts,
    recordsIn: maps.recordsIn,
    bytesIn: maps.bytesIn,
    pairs: plan.reduces > 0 ? maps.recordsOut : 0,
    shuffledBytes: reduces.bytesIn,
    spills: maps.spills,
    recordsOut: last.recordsOut,
    bytesOut: last.bytesOut,
    badRecords: maps.skipped,
    skew: skewOf(tracker.state.reduces.tasks.map(({ result }) => result?.report.recordsIn ?? 0)),
    times: {
      plan: plannedAtMs - startedAtMs,
      map: mapped - plannedAtMs,
      reduce: doneAtMs - mapped,
      commit: committedAtMs - doneAtMs,
      total,
    },
    bytesPerSecond: total > 0 ? (1_000 * maps.bytesIn) / total : 0,
    peakRssBytes: peakRssBytes(),
  };
}

function skewOf(pairs: readonly number[]): number {
  const all = pairs.reduce((total, count) => total + count, 0);
  return all === 0 ? 1 : (Math.max(...pairs) * pairs.length) / all;
}

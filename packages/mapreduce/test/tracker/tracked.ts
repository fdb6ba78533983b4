import type { TaskReport } from "../../src/task/task.ts";
import {
  type AttemptId,
  type TrackedJob,
  Tracker,
  type TrackerEffect,
  type TrackerInput,
  type TrackerOptions,
} from "../../src/tracker/index.ts";

/** A tracker, what it wanted so far, and short ways to tell it things. */
export class Tracked {
  readonly tracker: Tracker;
  readonly effects: TrackerEffect[] = [];
  nowMs = 0;

  constructor(job: TrackedJob, options?: TrackerOptions) {
    this.tracker = new Tracker(job, options);
  }

  /** What one input brings about, a line each. */
  tell(input: TrackerInput): string[] {
    const effects = this.tracker.apply(input, this.nowMs);
    this.effects.push(...effects);
    return effects.map(line);
  }

  join(worker: string, slots = 1, host = ""): string[] {
    return this.tell({ kind: "worker-joined", worker, host, slots });
  }

  lose(worker: string): string[] {
    return this.tell({ kind: "worker-lost", worker });
  }

  /** `what` is "m0.0 w1": attempt 0 of map task 0 on w1. */
  finish(what: string, counters: Record<string, number> = {}, tookMs = 100): string[] {
    return this.tell({
      kind: "attempt-finished",
      ...parse(what),
      report: report(counters),
      tookMs,
    });
  }

  fail(what: string, retry = true): string[] {
    const error = { code: "bad-record", message: "a broken line" } as const;
    return this.tell({ kind: "attempt-failed", ...parse(what), error, retry });
  }

  fetchFails(what: string, ...lacks: string[]): string[] {
    const attempts = lacks.map((map) => parse(`${map} -`).attempt);
    return this.tell({ kind: "fetch-failed", ...parse(what), maps: attempts });
  }

  commit(what: string): string[] {
    return this.tell({ kind: "committed", attempt: parse(`${what} -`).attempt });
  }

  commitFails(what: string): string[] {
    const error = { code: "output-failed", message: "no rename" } as const;
    return this.tell({ kind: "commit-failed", attempt: parse(`${what} -`).attempt, error });
  }

  /** What time brings about by now. */
  wait(ms: number): string[] {
    this.nowMs += ms;
    return this.tracker.due(this.nowMs).flatMap((input) => this.tell(input));
  }
}

export function maps(count: number): { readonly hosts?: readonly string[] }[] {
  return Array.from({ length: count }, () => ({}));
}

export function report(counters: Record<string, number> = {}): TaskReport {
  return {
    counters,
    recordsIn: 1,
    recordsOut: 1,
    bytesIn: 1,
    bytesOut: 1,
    spills: 0,
    skipped: 0,
  };
}

export function parse(what: string): { readonly worker: string; readonly attempt: AttemptId } {
  const [, kind, task, attempt, worker] = /^([mr])(\d+)\.(\d+) (.*)$/.exec(what)!;
  return {
    worker: worker!,
    attempt: {
      kind: kind === "m" ? "map" : "reduce",
      task: Number(task),
      attempt: Number(attempt),
    },
  };
}

function line(effect: TrackerEffect): string {
  if (effect.kind === "job-finished") return effect.kind;
  if (effect.kind === "job-failed") return `job-failed ${effect.error.code}`;
  const { kind, worker, attempt } = effect;
  return `${kind} ${attempt.kind[0]}${attempt.task}.${attempt.attempt} ${worker}`;
}

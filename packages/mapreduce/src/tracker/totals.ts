import type { TaskReport } from "../task/task.ts";
import type { Phase, TrackerState } from "./tracker-state.ts";

/** What the tasks of a job did, each task counted once, by the attempt that counts. */
export interface JobTotals {
  readonly counters: Readonly<Record<string, number>>;
  readonly maps: PhaseTotals;
  readonly reduces: PhaseTotals;
}

export interface PhaseTotals {
  readonly tasks: number;
  readonly completed: number;
  readonly running: number;
  readonly recordsIn: number;
  readonly recordsOut: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
  readonly spills: number;
  readonly skipped: number;
}

export function totalsOf(state: TrackerState): JobTotals {
  // A user's counter may have any name: one called __proto__, too.
  const counters = new Map<string, number>();
  for (const { report } of [...results(state.maps), ...results(state.reduces)]) {
    for (const [name, count] of Object.entries(report.counters)) {
      counters.set(name, (counters.get(name) ?? 0) + count);
    }
  }
  return {
    counters: Object.fromEntries([...counters].sort(([left], [right]) => (left < right ? -1 : 1))),
    maps: phaseTotals(state.maps),
    reduces: phaseTotals(state.reduces),
  };
}

function phaseTotals(phase: Phase): PhaseTotals {
  const sums = { recordsIn: 0, recordsOut: 0, bytesIn: 0, bytesOut: 0, spills: 0, skipped: 0 };
  for (const { report } of results(phase)) {
    for (const name of Object.keys(sums) as (keyof typeof sums)[]) sums[name] += report[name];
  }
  const running = phase.tasks.reduce((count, task) => count + task.running.length, 0);
  return { tasks: phase.tasks.length, completed: phase.completed, running, ...sums };
}

/** Also of maps that are being redone: they have been done before, and may not be needed again. */
function results({ tasks }: Phase): { readonly report: TaskReport }[] {
  return tasks.flatMap(({ status, result }) => (status !== "committing" && result ? [result] : []));
}

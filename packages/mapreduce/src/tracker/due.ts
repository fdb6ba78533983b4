import { freestWorker } from "./placement.ts";
import type { BackUp, AttemptFailed } from "./tracker-input.ts";
import type { TrackerSettings } from "./tracker-options.ts";
import type { Phase, TaskState, TrackerState } from "./tracker-state.ts";

/** Attempts that have made no progress for too long. */
export function stalled(
  state: TrackerState,
  { stalledMs }: TrackerSettings,
  nowMs: number,
): AttemptFailed[] {
  const inputs: AttemptFailed[] = [];
  for (const { kind, tasks } of [state.maps, state.reduces]) {
    for (const [task, { running }] of tasks.entries()) {
      for (const { attempt, worker, heardAtMs } of running) {
        if (nowMs - heardAtMs < stalledMs) continue;
        inputs.push({
          kind: "attempt-failed",
          worker,
          attempt: { kind, task, attempt },
          error: { code: "task-failed", message: `no progress for ${stalledMs} ms` },
          retry: true,
        });
      }
    }
  }
  return inputs;
}

/**
 * Tasks that hold up the end of their phase (section 3.6): none is idle, most are completed, and
 * these run much longer than those did.
 */
export function slow(state: TrackerState, settings: TrackerSettings, nowMs: number): BackUp[] {
  const { speculation } = settings;
  const phase = state.maps.completed < state.maps.tasks.length ? state.maps : state.reduces;
  if (!speculation || phase.idle.length > 0) return [];
  const { afterShare, slowerThan, minMs, maxShare } = speculation;
  const { length } = phase.tasks;
  if (phase.completed < Math.max(1, Math.floor(afterShare * length))) return [];
  const longMs = Math.max(minMs, slowerThan * medianMs(phase));
  let left = Math.max(1, Math.floor(maxShare * length)) - phase.tasks.filter(isBackedUp).length;
  const inputs: BackUp[] = [];
  for (const [task, each] of phase.tasks.entries()) {
    if (left <= 0) break;
    const { running } = each;
    if (running.length !== 1 || nowMs - running[0]!.startedAtMs < longMs) continue;
    if (!freestWorker(state, each)) continue;
    inputs.push({ kind: "back-up", task: { kind: phase.kind, task } });
    left--;
  }
  return inputs;
}

function isBackedUp({ running }: TaskState): boolean {
  return running.length > 1;
}

function medianMs({ tasks }: Phase): number {
  const times = tasks
    .flatMap(({ status, result }) => (status === "completed" && result ? [result.tookMs] : []))
    .sort((left, right) => left - right);
  return times[Math.floor(times.length / 2)] ?? 0;
}

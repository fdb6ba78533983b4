import { type AttemptId, attemptName, type Tracker } from "../tracker/index.ts";
import type { JobPlan } from "./job-plan.ts";
import type { Assignment, Sync, Work } from "./protocol.ts";

/** What makes of a worker that has told what it has one that has what the tracker wants of it. */
export function workFor(
  { worker, running, ended, holds = [] }: Sync,
  tracker: Tracker,
  plan: JobPlan,
): Work {
  const names = new Set(running.map(attemptName));
  const start = tracker.attemptsOn(worker).filter((attempt) => !names.has(attemptName(attempt)));
  return {
    start: start.flatMap((attempt) => assignment(attempt, tracker, plan) ?? []),
    cancel: running.filter((attempt) => !tracker.isRunning(worker, attempt)),
    forget: [...ended.map(({ attempt }) => attempt), ...holds].filter(
      (attempt) => !tracker.counts(worker, attempt),
    ),
    alive: tracker.state.workers.map(({ id }) => id),
  };
}

/** Undefined as long as a reduce has to wait for a map that is being redone. */
function assignment(
  attempt: AttemptId,
  tracker: Tracker,
  { spec, splits, partitions, ranges }: JobPlan,
): Assignment | undefined {
  if (attempt.kind === "map") {
    const { source, split } = splits[attempt.task]!;
    return { kind: "map", attempt, spec, source, split, partitions, ...(ranges && { ranges }) };
  }
  const sources = tracker
    .mapOutputs()
    ?.map((output) => ({ attempt: output.attempt, worker: output.worker }));
  return sources && { kind: "reduce", attempt, spec, sources };
}

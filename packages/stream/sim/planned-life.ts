import { integerBetween, pick, type Random } from "@quorate/runtime";

/** How one life of the process ends. */
export type LifeEnd = "crash" | "crash in a commit" | "kill" | "stop" | "savepoint";

/** What goes wrong meanwhile. */
export type LifeFault =
  | "throws"
  | "sources"
  | "sinks"
  | "store"
  | "disk"
  | "again"
  | "clock"
  | "pauses";

export interface PlannedLife {
  /** Names it: `--only 3,7` keeps what happens in these two; nothing goes wrong in the others. */
  readonly number: number;
  readonly subtasks: number;
  readonly end: LifeEnd;
  readonly afterMs: number;
  readonly faults: readonly LifeFault[];
  /** Of each call that may fail. */
  readonly failureProbability: number;
}

const ENDS = ["crash", "crash in a commit", "kill", "stop", "savepoint"] as const;
const FAULTS = ["throws", "sources", "sinks", "store", "disk", "again", "clock", "pauses"] as const;

/** Draws lives; each kind of fault is left out of half of the runs. */
export function drawLives(random: Random): readonly PlannedLife[] {
  const enabled = FAULTS.filter(() => random.next() < 0.5);
  const spanMs = pick(random, [30, 100, 400]);
  const isRescaled = random.next() < 0.6;
  const mostSubtasks = pick(random, [1, 2, 3, 4]);
  return Array.from({ length: integerBetween(random, 0, 6) }, (_, number) => {
    const own = random.fork(`life ${number}`);
    return {
      number,
      subtasks: isRescaled ? integerBetween(own, 1, 4) : mostSubtasks,
      end: pick(own, ENDS),
      afterMs: spanMs * own.next(),
      faults: enabled.filter(() => own.next() < 0.5),
      failureProbability: pick(own, [0.01, 0.05, 0.3]),
    };
  });
}

export function describeLife(life: PlannedLife): string {
  const { number, subtasks, end, afterMs, faults, failureProbability } = life;
  const wrong = faults.length > 0 ? `, ${faults.join(", ")} fail (${failureProbability})` : "";
  return `life #${number}: ${subtasks} subtasks${wrong}, ${end} after ${afterMs.toFixed(3)} ms`;
}

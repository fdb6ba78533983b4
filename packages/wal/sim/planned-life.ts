import { integerBetween, pick, type Random } from "@quorate/runtime";
import type { DiskOptions } from "@quorate/simulation";

/** What goes wrong in one life of the process that has the log open. */
export type LifeFault =
  | { readonly kind: "crash" | "kill" | "disk-full"; readonly afterMs: number }
  | { readonly kind: "disk-errors"; readonly disk: DiskOptions; readonly afterMs: number }
  | { readonly kind: "rot-before-opening" | "rot-while-open" };

export interface PlannedLife {
  /** Names it: `--only 3,7` keeps the faults of these two, and the other lives end cleanly. */
  readonly number: number;
  readonly fault: LifeFault;
  /** Whether the machine loses power, rather than the process ending, after a failed write. */
  readonly thenLosesPower: boolean;
}

const KINDS = [
  "crash",
  "kill",
  "disk-full",
  "disk-errors",
  "rot-before-opening",
  "rot-while-open",
] as const;

/** Draws lives; each kind of fault is left out of half of the runs. */
export function drawLives(random: Random): readonly PlannedLife[] {
  const enabled = KINDS.filter(() => random.next() < 0.5);
  if (enabled.length === 0) enabled.push("crash");
  const spanMs = pick(random, [1, 10, 50]);
  return Array.from({ length: integerBetween(random, 2, 12) }, (_, number) => {
    const own = random.fork(`life ${number}`);
    return {
      number,
      fault: drawFault(own, pick(own, enabled), spanMs),
      thenLosesPower: own.next() < 0.5,
    };
  });
}

export function describeLife({ number, fault, thenLosesPower }: PlannedLife): string {
  const after = "afterMs" in fault ? ` after ${fault.afterMs.toFixed(3)} ms` : "";
  const disk = fault.kind === "disk-errors" ? ` ${JSON.stringify(fault.disk)}` : "";
  const then = fault.kind.startsWith("disk") ? `, then ${thenLosesPower ? "crash" : "kill"}` : "";
  return `life #${number}: ${fault.kind}${disk}${after}${then}`;
}

function drawFault(random: Random, kind: (typeof KINDS)[number], spanMs: number): LifeFault {
  if (kind === "rot-before-opening" || kind === "rot-while-open") return { kind };
  // Some while the log is opening.
  const afterMs = spanMs * random.next();
  return kind === "disk-errors" ? { kind, disk: drawErrors(random), afterMs } : { kind, afterMs };
}

function drawErrors(random: Random): DiskOptions {
  const which = pick(random, [
    "readErrorProbability",
    "writeErrorProbability",
    "syncErrorProbability",
  ] as const);
  return { [which]: pick(random, [0.02, 0.3]) };
}

import type { DiskOptions } from "../disk/disk-options.ts";
import type { PartitionShape, Way } from "../network/partition.ts";

/** One thing that goes wrong, and for how long. All of it is drawn before the run begins. */
export type Fault =
  | { readonly kind: "crash" | "kill" | "pause"; readonly node: string; readonly forMs: number }
  | {
      readonly kind: "partition";
      readonly shape: PartitionShape;
      readonly ways: readonly Way[];
      readonly forMs: number;
    }
  | {
      /** Whoever leads when it comes, alone against the others; one who does not hear, or is not heard. */
      readonly kind: "leader-cut-off";
      readonly among: readonly string[];
      readonly direction: "both" | "to-leader" | "from-leader";
      readonly forMs: number;
    }
  | { readonly kind: "clog"; readonly way: Way; readonly forMs: number }
  | {
      readonly kind: "slow";
      readonly way: Way;
      readonly bytesPerSecond: number;
      readonly forMs: number;
    }
  | { readonly kind: "disconnect"; readonly way: Way }
  | {
      readonly kind: "clock-rate";
      readonly node: string;
      readonly rate: number;
      readonly forMs: number;
    }
  | { readonly kind: "clock-jump"; readonly node: string; readonly byMs: number }
  | { readonly kind: "disk-full"; readonly node: string; readonly forMs: number }
  | {
      readonly kind: "disk-errors";
      readonly node: string;
      readonly disk: DiskOptions;
      readonly forMs: number;
    }
  | {
      readonly kind: "bit-rot";
      readonly node: string;
      /** Whether the process is killed then, so that what starts next reads its files. */
      readonly thenKill: boolean;
    }
  | { readonly kind: "wipe"; readonly node: string };

export type FaultKind = Fault["kind"];

export const FAULT_KINDS: readonly FaultKind[] = [
  "crash",
  "kill",
  "pause",
  "partition",
  "clog",
  "slow",
  "disconnect",
  "clock-rate",
  "clock-jump",
  "disk-full",
  "disk-errors",
  "bit-rot",
  "wipe",
  "leader-cut-off",
];

/** A fault and when it comes. Its number in the plan names it: `--only 3,7` keeps these two. */
export interface PlannedFault {
  readonly number: number;
  readonly atMs: number;
  readonly fault: Fault;
}

/** A line for people. */
export function describeFault({ number, atMs, fault }: PlannedFault): string {
  return `#${number} at ${(atMs / 1_000).toFixed(3)} s: ${inWords(fault)}`;
}

function inWords(fault: Fault): string {
  const { kind } = fault;
  const time = "forMs" in fault ? ` for ${(fault.forMs / 1_000).toFixed(3)} s` : "";
  if (kind === "partition") {
    return `partition (${fault.shape}) ${fault.ways.map(arrow).join(" ")}${time}`;
  }
  if (kind === "leader-cut-off") return `leader cut off (${fault.direction})${time}`;
  if (kind === "slow") return `slow ${arrow(fault.way)} ${fault.bytesPerSecond} B/s${time}`;
  if (kind === "clog" || kind === "disconnect") return `${kind} ${arrow(fault.way)}${time}`;
  if (kind === "clock-rate") return `clock of ${fault.node} × ${fault.rate.toFixed(3)}${time}`;
  if (kind === "clock-jump") return `wall clock of ${fault.node} by ${fault.byMs} ms`;
  if (kind === "disk-errors") return `disk of ${fault.node} ${JSON.stringify(fault.disk)}${time}`;
  if (kind === "bit-rot" && fault.thenKill) return `bit-rot ${fault.node}, and kill`;
  return `${kind} ${fault.node}${time}`;
}

function arrow([from, to]: Way): string {
  return `${from}→${to}`;
}

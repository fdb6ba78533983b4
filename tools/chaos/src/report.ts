import Table from "cli-table3";
import type { ChaosResult } from "./run-chaos.ts";

/** What is printed of a run. */
export interface Report {
  readonly seed: number;
  readonly operations: number;
  readonly acknowledged: number;
  /** Operations that never returned: they may have taken effect. */
  readonly unknown: number;
  readonly faults: ChaosResult["faults"];
  /** `null`: the checker met a bound, and does not know. */
  readonly linearizable: boolean | null;
  /** Acknowledged writes that are not there in the end; `null`: it could not be read. */
  readonly lost: number | null;
  /** Writes that took effect more than once. */
  readonly duplicated: number | null;
  /** Keys that are there though their write was rejected. */
  readonly unexpected: number | null;
  readonly crashes: ChaosResult["crashes"];
  readonly skipped: ChaosResult["skipped"];
}

export function reportOf(seed: number, result: ChaosResult): Report {
  const { history, faults, check, effects, crashes, skipped } = result;
  const unknown = history.filter((operation) => operation.return === null).length;
  return {
    seed,
    operations: history.length,
    acknowledged: history.length - unknown,
    unknown,
    faults,
    linearizable: check.kind === "undecided" ? null : check.kind === "linearizable",
    lost: effects?.lost.length ?? null,
    duplicated: effects?.duplicated.length ?? null,
    unexpected: effects?.unexpected.length ?? null,
    crashes,
    skipped,
  };
}

/** Whether the run shows nothing wrong. What could not be decided is not shown to be right. */
export function isGood(report: Report): boolean {
  const { linearizable, lost, duplicated, unexpected, crashes } = report;
  const isNothing = (count: number | null): boolean => count === 0;
  return linearizable === true && [lost, duplicated, unexpected, crashes.length].every(isNothing);
}

export function tableOf(report: Report): string {
  const table = new Table({ style: { head: [], border: [] } });
  const { crashes, faults, linearizable, skipped } = report;
  table.push(
    ["operations", String(report.operations)],
    ["acknowledged", String(report.acknowledged)],
    ["unknown", String(report.unknown)],
    ...Object.entries(faults).map(([name, count]) => [`fault: ${name}`, String(count)]),
    ...Object.entries(skipped).map(([name, reason]) => [`skipped: ${name}`, reason]),
    ...crashes.map(({ node, reason }) => [`crashed: ${node}`, reason]),
    ["linearizable", linearizable === null ? "undecided: a bound was met" : String(linearizable)],
    ["lost", countOf(report.lost)],
    ["duplicated", countOf(report.duplicated)],
    ["unexpected", countOf(report.unexpected)],
    ["seed", String(report.seed)],
  );
  return `${table.toString()}\n`;
}

function countOf(count: number | null): string {
  return count === null ? "not known: it could not be read" : String(count);
}

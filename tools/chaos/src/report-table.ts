import Table from "cli-table3";
import type { KvReport, LockReport, Report } from "./report.ts";

type Row = [string, string];

/** A report for people. */
export function tableOf(report: Report): string {
  const table = new Table({ style: { head: [], border: [] } });
  const { crashes, faults, skipped, lock } = report;
  table.push(
    ...Object.entries(faults).map(([name, count]): Row => [`fault: ${name}`, String(count)]),
    ...Object.entries(skipped).map(([name, reason]): Row => [`skipped: ${name}`, reason]),
    ...crashes.map(({ node, reason }): Row => [`crashed: ${node}`, reason]),
    ...(report.watch === undefined ? [] : rowsOfKv(report as Report & KvReport)),
    ...(lock ? rowsOfLock(lock) : []),
    ["seed", String(report.seed)],
  );
  return `${table.toString()}\n`;
}

function rowsOfKv(report: KvReport): Row[] {
  const { watch, leases } = report;
  const told = watch ? `${watch.told} writes, resumed ${watch.resumed} times` : countOf(null);
  return [
    ["operations", String(report.operations)],
    ["acknowledged", String(report.acknowledged)],
    ["unknown", String(report.unknown)],
    ["linearizable", verdictOf(report.linearizable)],
    ["lost", countOf(report.lost)],
    ["duplicated", countOf(report.duplicated)],
    ["unexpected", countOf(report.unexpected)],
    ["watched", told],
    ["leases", `${leases.granted}, of which ${leases.unrenewed} could not be renewed`],
    ...[...(watch?.violations ?? []), ...leases.violations].map((text): Row => ["WRONG", text]),
  ];
}

function rowsOfLock(lock: LockReport): Row[] {
  const { unreachable, expired, revoked } = lock.losses;
  return [
    ["lock: acquisitions", `${lock.acquisitions}, and ${lock.timeouts} waits given up`],
    ["lock: losses", `${unreachable} unreachable, ${expired} expired, ${revoked} revoked`],
    ["lock: writes", `${lock.writes}, and ${lock.unknownWrites} unknown`],
    ["lock: late writes refused", String(lock.refusedLateWrites)],
    ["lock: linearizable", verdictOf(lock.linearizable)],
    ["lock: free again", lock.freeAgainMs === null ? countOf(null) : `${lock.freeAgainMs} ms`],
    ...lock.violations.map((text): Row => ["lock: WRONG", text]),
  ];
}

function verdictOf(linearizable: boolean | null): string {
  return linearizable === null ? "undecided: a bound was met" : String(linearizable);
}

function countOf(count: number | null): string {
  return count === null ? "not known: it could not be read" : String(count);
}

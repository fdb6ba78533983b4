import { readFileSync } from "node:fs";

/** Linux counts a process's time in these; the kernel's constant USER_HZ. */
const TICKS_PER_SECOND = 100;

/** Processor time that a process has used, user and system, in seconds. Linux only, else NaN. */
export function processorSeconds(pid: number): number {
  try {
    // The second field may hold spaces, and ends with the last parenthesis; utime is the 14th.
    const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ").at(-1)?.split(" ") ?? [];
    return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
  } catch {
    return Number.NaN;
  }
}

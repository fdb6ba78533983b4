import { existsSync, readFileSync } from "node:fs";

const STATUS = "/proc/self/status";

/**
 * The most bytes that this process has held. On Linux `ru_maxrss` is no less than what the process
 * held that started this one, even after `exec`, so the memory's own mark is read there.
 */
export function peakRssBytes(): number {
  const status = existsSync(STATUS) ? readFileSync(STATUS, "utf8") : "";
  const mark = /^VmHWM:\s*(\d+) kB$/m.exec(status)?.[1];
  return 1_024 * (mark === undefined ? process.resourceUsage().maxRSS : Number(mark));
}

import { readFileSync } from "node:fs";

/**
 * The most bytes that this process ever held. Where Linux tells it, of this program alone:
 * `resourceUsage` begins with what the process held that started it, as it was at that moment.
 */
export function peakRssBytes(): number {
  return 1_024 * (highWaterMark() ?? process.resourceUsage().maxRSS);
}

function highWaterMark(): number | undefined {
  try {
    const status = readFileSync("/proc/self/status", "utf8");
    const kilobytes = /^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1];
    return kilobytes === undefined ? undefined : Number(kilobytes);
  } catch {
    return undefined; // another system
  }
}

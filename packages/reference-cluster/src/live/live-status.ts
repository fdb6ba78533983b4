import type { SupervisedProcess } from "../cluster/supervised-process.ts";
import type { LiveReport } from "./live-report.ts";

/** What the streaming process has counted, and how it is. */
export interface LiveStatus extends LiveReport {
  readonly process: LiveProcess;
}

/** While it is down, the counts stay as they are; then it catches up. */
export interface LiveProcess {
  readonly state: "up" | "down";
  readonly pid?: number;
  readonly restarts: number;
  /** Why it is down, as far as is known. */
  readonly reason?: string;
}

export function stateOf({ isUp, pid, restarts, lastWords }: SupervisedProcess): LiveProcess {
  return {
    state: isUp ? "up" : "down",
    ...(pid !== undefined && { pid }),
    restarts,
    ...(lastWords !== undefined && { reason: lastWords }),
  };
}

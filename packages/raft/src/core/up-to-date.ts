import type { LogPosition } from "@quorate/replication/driver";

/**
 * §5.4.1: "If the logs have last entries with different terms, then the log with the later term is
 * more up-to-date. If the logs end with the same term, then whichever log is longer is more
 * up-to-date."
 */
export function isAtLeastAsUpToDate(log: LogPosition, other: LogPosition): boolean {
  return log.term === other.term ? log.index >= other.index : log.term > other.term;
}

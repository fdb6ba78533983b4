import { type Clock, pause } from "@quorate/runtime";
import { ClusterError } from "../cluster-error.ts";

const TIMEOUT_MS = 60_000;

/**
 * Looks until there is something to be seen.
 *
 * @throws {ClusterError} `not-ready` after a minute.
 */
export async function until<T>(
  clock: Clock,
  goal: string,
  pollMs: number,
  look: () => Promise<T | undefined> | T | undefined,
): Promise<T> {
  const deadlineMs = clock.now() + TIMEOUT_MS;
  while (clock.now() < deadlineMs) {
    const found = await look();
    if (found !== undefined) return found;
    await pause(clock, pollMs, []);
  }
  throw new ClusterError("not-ready", `after ${TIMEOUT_MS / 1_000} s it is not so that ${goal}`);
}

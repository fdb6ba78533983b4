import { percentile } from "@quorate/bench";

export interface LoopResult {
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** So many callers, each with one operation under way at a time, until the time is over. */
export async function closedLoop(
  callers: number,
  seconds: number,
  operation: () => Promise<unknown>,
): Promise<LoopResult> {
  const latenciesMs: number[] = [];
  const startedMs = performance.now();
  const endMs = startedMs + seconds * 1_000;
  const caller = async (): Promise<void> => {
    for (let beginMs = performance.now(); beginMs < endMs;) {
      await operation();
      const nowMs = performance.now();
      latenciesMs.push(nowMs - beginMs);
      beginMs = nowMs;
    }
  };
  await Promise.all(Array.from({ length: callers }, caller));
  const elapsedSeconds = (performance.now() - startedMs) / 1_000;
  return {
    perSecond: latenciesMs.length / elapsedSeconds,
    p50Ms: percentile(latenciesMs, 50),
    p99Ms: percentile(latenciesMs, 99),
  };
}

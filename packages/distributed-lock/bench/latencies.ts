import type { Sample } from "@quorate/bench";

const WARM_UP = 50;

/** Milliseconds of each of `count` calls, one after the other. */
export async function eachTime(count: number, call: () => Promise<unknown>): Promise<number[]> {
  for (let at = 0; at < WARM_UP; at++) await call();
  const times: number[] = [];
  for (let at = 0; at < count; at++) {
    const startedAt = performance.now();
    await call();
    times.push(performance.now() - startedAt);
  }
  return times.sort((a, b) => a - b);
}

/** The median is the value. */
export function p50(sorted: readonly number[]): Sample {
  const at = (share: number): number => sorted[Math.floor(share * (sorted.length - 1))]!;
  return { value: at(0.5), p50Ms: at(0.5), p99Ms: at(0.99) };
}

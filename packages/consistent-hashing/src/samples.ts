import { mix32 } from "./hash/murmur3.ts";

/** How many hashes stand for all of them, where shares cannot be computed. */
export const SAMPLES = 65_536;

/** The hashes that stand for all: evenly spaced and then mixed, so the same in every process. */
export function sampleLow(sample: number): number {
  return mix32(Math.imul(sample, 2 ** 16) + 2 ** 15);
}

export function sampleHigh(sample: number): number {
  return mix32(sampleLow(sample) ^ 0x5bd1e995);
}

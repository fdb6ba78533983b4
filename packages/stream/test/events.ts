import fc from "fast-check";
import { boundedDisorder, type WatermarkStrategy } from "../src/index.ts";

export interface Event {
  readonly key: string;
  readonly atMs: number;
  readonly value: number;
  /** Where it is in the stream. */
  readonly n: number;
}

export const BOUND_MS = 20;

export const inBound: WatermarkStrategy<Event> = boundedDisorder(({ atMs }) => atMs, BOUND_MS);

/** Events in an order in which none comes more than `disorderMs` after one of a later time. */
export function events(disorderMs: number = BOUND_MS): fc.Arbitrary<readonly Event[]> {
  return fc
    .array(
      fc.record({
        key: fc.constantFrom("a", "b", "c"),
        atMs: fc.nat(200),
        value: fc.integer({ min: -5, max: 5 }),
        delayMs: fc.nat(disorderMs),
      }),
      // Without a size, arrays have at most ten.
      { maxLength: 60, size: "max" },
    )
    .map((drawn) =>
      drawn
        .toSorted((a, b) => a.atMs + a.delayMs - (b.atMs + b.delayMs))
        .map(({ key, atMs, value }, n) => ({ key, atMs, value, n })),
    );
}

/** Results in an order of their own: a reference has no order of emission. */
export function sorted(results: readonly unknown[]): readonly string[] {
  return results.map((result) => JSON.stringify(result)).toSorted();
}

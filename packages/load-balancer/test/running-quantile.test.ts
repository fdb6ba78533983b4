import fc from "fast-check";
import { expect, it } from "vitest";
import { RunningQuantile } from "../src/core/running-quantile.ts";

it("is the quantile of the latest numbers, as sorting them finds it", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 20 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.array(fc.oneof(fc.integer({ min: 0, max: 6 }), fc.integer({ min: 0, max: 4_095 }))),
      (size, quantile, numbers) => {
        const running = new RunningQuantile(size, quantile);
        for (let end = 1; end <= numbers.length; end++) {
          running.add(numbers[end - 1] as number);
          const sorted = numbers.slice(Math.max(0, end - size), end).sort((a, b) => a - b);
          const rank = Math.min(sorted.length - 1, Math.floor(sorted.length * quantile));
          expect(running.value).toBe(sorted[rank]);
        }
      },
    ),
  );
});

it("counts numbers above 4,095 as that", () => {
  const running = new RunningQuantile(4, 1);
  running.add(1_000_000);
  expect(running.value).toBe(4_095);
});

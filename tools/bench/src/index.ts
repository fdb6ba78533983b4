/**
 * How this repository measures: ours and the peers do the same work alternately in one run, and
 * what is reported is the median. A package's benchmark is a default export in
 * `packages/<package>/bench/*.bench.ts`, run by `pnpm bench <package>`.
 *
 * @example
 * ```ts
 * import { defineBench, measured, percentile } from "@quorate/bench";
 *
 * export default defineBench(async (options) => [
 *   await measured(options, {
 *     case: "sort 10,000 numbers",
 *     unit: "ms",
 *     ours: async () => ({ value: timeOf(ourSort) }),
 *     peers: { "Array.prototype.sort": async () => ({ value: timeOf(builtInSort) }) },
 *     goal: ({ ours, peers }) => {
 *       const goal = 1.5 * peers["Array.prototype.sort"];
 *       return { goal, met: ours <= goal };
 *     },
 *   }),
 * ]);
 * ```
 *
 * @packageDocumentation
 */
export { defineBench, type Bench, type BenchOptions } from "./define-bench.ts";
export {
  measured,
  type Case,
  type Goal,
  type Medians,
  type Row,
  type Run,
  type Sample,
} from "./measured.ts";
export { median, percentile } from "./percentile.ts";

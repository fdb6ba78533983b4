/**
 * Range partitioning: which node holds the keys from here up to there.
 *
 * @example
 * ```ts
 * import { createRangeMap } from "@quorate/consistent-hashing/ranges";
 *
 * const map = createRangeMap("node-1");
 * map.split("merchant:m");
 * map.move("merchant:nonna", "node-2");
 * console.log(map.locate("merchant:nonna"), map.locate("merchant:anna")); // node-2 node-1
 * ```
 *
 * @packageDocumentation
 */
export {
  createRangeMap,
  type IfEpoch,
  type RangeKey,
  type RangeMap,
  rangeMapFromJSON,
} from "./range-map.ts";
export type { KeyRange } from "./key-range.ts";
export type { RangeMapState } from "./range-map-state.ts";
export {
  ConsistentHashingError,
  type ConsistentHashingErrorCode,
} from "../consistent-hashing-error.ts";

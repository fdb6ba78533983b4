/**
 * Jobs on Hadoop Streaming, and on what speaks its protocol: EMR, Spark's `pipe`, or
 * `map | LC_ALL=C sort -t$'\t' -k1,1 | reduce`.
 *
 * @packageDocumentation
 */
export { streamingCombine } from "./streaming-combine.ts";
export { streamingMap } from "./streaming-map.ts";
export { streamingReduce } from "./streaming-reduce.ts";

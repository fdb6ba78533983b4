/**
 * MapReduce for Node.
 *
 * @packageDocumentation
 */
export { MapReduceError, type MapReduceErrorCode, type Place } from "./mapreduce-error.ts";

/**
 * Jobs that are often wanted, ready to be run, and examples of how jobs are written: each is a short
 * file of its own. `distinct`, `grep`, `sortRecords` and `wordCount` never decode a record.
 *
 * @example
 * ```ts
 * import { textLines } from "@quorate/mapreduce";
 * import { wordCount } from "@quorate/mapreduce/jobs";
 *
 * export default wordCount({ input: textLines("books") });
 * ```
 *
 * @packageDocumentation
 */
export { type Average, averageByKey, type AverageByKeyOptions } from "./average-by-key.ts";
export { distinct, type DistinctOptions } from "./distinct.ts";
export { grep, type GrepOptions } from "./grep.ts";
export { invertedIndex, type InvertedIndexOptions, type Posting } from "./inverted-index.ts";
export { join, type Joined, type JoinOptions, type JoinSide } from "./join.ts";
export {
  type SortByOptions,
  type SortOptions,
  sortRecords,
  sortRecordsBy,
} from "./sort-records.ts";
export { type Ranked, topK, type TopKOptions } from "./top-k.ts";
export { wordCount, type WordCountOptions } from "./word-count.ts";

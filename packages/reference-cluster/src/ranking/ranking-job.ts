import { defineJob, type Job, json, jsonLinesFiles, utf8 } from "@quorate/mapreduce";
import type { Review } from "../reviews/review.ts";
import { added, type MerchantRank, rankOf, type ReviewTotals, totalsOf } from "./merchant-rank.ts";
import { storedReviews } from "./stored-reviews.ts";

/** Every merchant with what its reviews come to. Loaded by the workers, by its path. */
const job: Job = defineJob<string, ReviewTotals, MerchantRank>({
  name: "ranking of merchants",
  input: storedReviews(),
  key: utf8,
  value: json(),
  map: (record, pairs) => {
    const review = record.json() as Review;
    pairs.emit(review.merchantId, totalsOf(review));
  },
  combine: added,
  reduce: (merchantId, values, write) => {
    write(rankOf(merchantId, [...values].reduce(added)));
  },
  output: jsonLinesFiles(),
});

export default job;

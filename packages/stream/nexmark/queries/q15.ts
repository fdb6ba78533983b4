import type { DataStream } from "../../src/index.ts";
import { type BidStatistics, bidStatistics } from "../bid-statistics.ts";
import { isBid, type NexmarkEvent } from "../events.ts";

export interface DayStatistics extends BidStatistics {
  readonly day: string;
}

/** Of each day: bids, bidders and auctions, by rank of price, anew with each bid. */
export function q15(events: DataStream<NexmarkEvent>): DataStream<DayStatistics> {
  return events
    .filter(isBid)
    .keyBy(({ dateTimeMs }) => Math.floor(dateTimeMs / 86_400_000))
    .aggregate(bidStatistics, (statistics, day) => ({
      day: new Date(day * 86_400_000).toISOString().slice(0, 10),
      ...statistics,
    }));
}

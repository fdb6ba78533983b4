import type { DataStream } from "../../src/index.ts";
import { type BidStatistics, bidStatistics } from "../bid-statistics.ts";
import { type Bid, isBid, type NexmarkEvent } from "../events.ts";

export interface ChannelStatistics extends BidStatistics {
  readonly channel: string;
  readonly day: string;
  /** Of the day: that of the latest bid. */
  readonly minute: string;
}

interface Accumulator {
  readonly statistics: ReturnType<typeof bidStatistics.create>;
  latestMs: number;
}

/** Of each channel and day: bids, bidders and auctions, by rank of price, anew with each bid. */
export function q16(events: DataStream<NexmarkEvent>): DataStream<ChannelStatistics> {
  return events
    .filter(isBid)
    .keyBy(({ channel, dateTimeMs }) => `${Math.floor(dateTimeMs / 86_400_000)} ${channel}`)
    .aggregate<Accumulator, Accumulator, ChannelStatistics>(
      {
        create: () => ({ statistics: bidStatistics.create(), latestMs: 0 }),
        add(accumulator: Accumulator, bid: Bid) {
          bidStatistics.add(accumulator.statistics, bid);
          accumulator.latestMs = Math.max(accumulator.latestMs, bid.dateTimeMs);
          return accumulator;
        },
        result: (accumulator) => accumulator,
      },
      ({ statistics, latestMs }, key) => {
        const time = new Date(latestMs).toISOString();
        return {
          channel: key.slice(key.indexOf(" ") + 1),
          day: time.slice(0, 10),
          minute: time.slice(11, 16),
          ...bidStatistics.result(statistics),
        };
      },
    );
}

import type { DataStream } from "../../src/index.ts";
import { isBid, type NexmarkEvent } from "../events.ts";
import { rankOf } from "../bid-statistics.ts";

export interface AuctionStatistics {
  readonly auction: number;
  readonly day: number;
  readonly bids: number;
  /** By rank of price. */
  readonly bidsByRank: readonly number[];
  readonly lowest: number;
  readonly highest: number;
  readonly average: number;
  readonly sum: number;
}

const DAYS = 100_000;

/** Of each auction and day: counts and prices of bids, anew with each bid. */
export function q17(events: DataStream<NexmarkEvent>): DataStream<AuctionStatistics> {
  return events
    .filter(isBid)
    .keyBy(({ auction, dateTimeMs }) => auction * DAYS + Math.floor(dateTimeMs / 86_400_000))
    .aggregate(
      {
        create: () => ({ bids: 0, bidsByRank: [0, 0, 0], lowest: Infinity, highest: 0, sum: 0 }),
        add(accumulator, { price }) {
          accumulator.bids++;
          (accumulator.bidsByRank[rankOf(price)] as number)++;
          accumulator.lowest = Math.min(accumulator.lowest, price);
          accumulator.highest = Math.max(accumulator.highest, price);
          accumulator.sum += price;
          return accumulator;
        },
        result: (accumulator) => accumulator,
      },
      ({ bids, bidsByRank, lowest, highest, sum }, key): AuctionStatistics => ({
        auction: Math.floor(key / DAYS),
        day: key % DAYS,
        bids,
        bidsByRank: [...bidsByRank],
        lowest,
        highest,
        average: sum / bids,
        sum,
      }),
    );
}

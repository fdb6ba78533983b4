import type { DataStream } from "../../src/index.ts";
import type { NexmarkEvent } from "../events.ts";
import { winningBids } from "../winning-bids.ts";

export interface CategoryPrice {
  readonly category: number;
  readonly average: number;
}

/** Average closing price of each category, anew with each auction that closes. */
export function q4(events: DataStream<NexmarkEvent>): DataStream<CategoryPrice> {
  return winningBids(events)
    .keyBy(({ auction }) => auction.category)
    .aggregate(
      {
        create: () => ({ sum: 0, count: 0 }),
        add: ({ sum, count }, { bid }) => ({ sum: sum + bid.price, count: count + 1 }),
        result: ({ sum, count }) => sum / count,
      },
      (average, category) => ({ category, average }),
    );
}

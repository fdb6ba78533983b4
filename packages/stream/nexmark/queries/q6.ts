import type { DataStream } from "../../src/index.ts";
import type { NexmarkEvent } from "../events.ts";
import { winningBids } from "../winning-bids.ts";

export interface SellerPrice {
  readonly seller: number;
  readonly average: number;
}

const LAST = 10;

/** Average selling price of each seller's last 10 auctions that closed. */
export function q6(events: DataStream<NexmarkEvent>): DataStream<SellerPrice> {
  return winningBids(events)
    .keyBy(({ auction }) => auction.seller)
    .countWindow(LAST, 1)
    .process<SellerPrice>((closed, { key }, emit) => {
      const sum = closed.reduce((total, { bid }) => total + bid.price, 0);
      emit({ seller: key, average: sum / closed.length });
    });
}

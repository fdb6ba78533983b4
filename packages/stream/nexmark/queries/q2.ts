import type { DataStream } from "../../src/index.ts";
import { isBid, type NexmarkEvent } from "../events.ts";

export interface AuctionPrice {
  readonly auction: number;
  readonly price: number;
}

/** Selection: the bids on some auctions. */
export function q2(events: DataStream<NexmarkEvent>): DataStream<AuctionPrice> {
  return events
    .filter(isBid)
    .filter(({ auction }) => auction % 123 === 0)
    .map(({ auction, price }) => ({ auction, price }));
}

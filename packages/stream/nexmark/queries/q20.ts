import type { DataStream } from "../../src/index.ts";
import { type Auction, type Bid, isAuction, isBid, type NexmarkEvent } from "../events.ts";

export interface BidWithAuction {
  readonly bid: Bid;
  readonly auction: Auction;
}

const CATEGORY = 10;

/** Each bid with its auction, of one category. A join without a window: bids wait for auctions. */
export function q20(events: DataStream<NexmarkEvent>): DataStream<BidWithAuction> {
  return events
    .filter(isAuction)
    .keyBy(({ id }) => id)
    .connect(events.filter(isBid).keyBy(({ auction }) => auction))
    .process<BidWithAuction>((context) => {
      /** False: of another category, so that its bids need not wait. */
      const known = context.state.value<Auction | false>("auction");
      const waiting = context.state.list<Bid>("bids");
      return {
        onLeft(auction) {
          const isWanted = auction.category === CATEGORY;
          known.set(isWanted && auction);
          if (isWanted) for (const bid of waiting.get()) context.emit({ bid, auction });
          waiting.clear();
        },
        onRight(bid) {
          const auction = known.get();
          if (auction === undefined) waiting.add(bid);
          else if (auction) context.emit({ bid, auction });
        },
      };
    });
}

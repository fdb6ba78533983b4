import type { CoProcessFactory, DataStream } from "../src/index.ts";
import { type Auction, type Bid, isAuction, isBid, type NexmarkEvent } from "./events.ts";

export interface WinningBid {
  readonly auction: Auction;
  readonly bid: Bid;
}

/**
 * For each auction that had a bid, when it has expired, the highest bid from its start to its end; of
 * equal ones the first.
 */
export function winningBids(events: DataStream<NexmarkEvent>): DataStream<WinningBid> {
  return events
    .filter(isAuction)
    .keyBy(({ id }) => id)
    .connect(events.filter(isBid).keyBy(({ auction }) => auction))
    .process(highestBid);
}

const highestBid: CoProcessFactory<number, Auction, Bid, WinningBid> = (context) => {
  const open = context.state.value<Auction>("auction");
  const highest = context.state.value<Bid>("highest");
  /** Bids that came before their auction, as events of one millisecond may. */
  const early = context.state.list<Bid>("early");

  const consider = (bid: Bid, { dateTimeMs, expiresMs }: Auction): void => {
    if (bid.dateTimeMs < dateTimeMs || bid.dateTimeMs > expiresMs) return;
    const before = highest.get();
    if (!before || isHigher(bid, before)) highest.set(bid);
  };
  return {
    onLeft(auction) {
      open.set(auction);
      context.setTimer("event", auction.expiresMs);
      for (const bid of early.get()) consider(bid, auction);
      early.clear();
    },
    onRight(bid, timestampMs) {
      const auction = open.get();
      if (auction) return consider(bid, auction);
      // No auction can follow any more that had begun by then.
      if (timestampMs <= context.watermarkMs) return;
      early.add(bid);
      context.setTimer("event", timestampMs);
    },
    onTimer(timeMs) {
      const auction = open.get();
      if (!auction) return early.clear();
      if (timeMs !== auction.expiresMs) return;
      const bid = highest.get();
      if (bid) context.emit({ auction, bid });
      open.clear();
      highest.clear();
    },
  };
};

function isHigher(bid: Bid, than: Bid): boolean {
  return bid.price === than.price ? bid.dateTimeMs < than.dateTimeMs : bid.price > than.price;
}

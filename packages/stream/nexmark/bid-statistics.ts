import type { Aggregate } from "../src/index.ts";
import type { Bid } from "./events.ts";

/** All, and those of prices below 10,000, below 1,000,000, and above. */
export interface BidStatistics {
  readonly bids: number;
  readonly bidsByRank: readonly number[];
  readonly bidders: number;
  readonly biddersByRank: readonly number[];
  readonly auctions: number;
  readonly auctionsByRank: readonly number[];
}

/** 0 to 2. */
export function rankOf(price: number): number {
  if (price < 10_000) return 0;
  return price < 1_000_000 ? 1 : 2;
}

interface Accumulator {
  readonly bidsByRank: number[];
  readonly bidders: Distinct;
  readonly auctions: Distinct;
}

/** Which ranks an id was seen with, as bits, and how many ids of each rank that makes. */
interface Distinct {
  readonly ranks: Map<number, number>;
  readonly byRank: number[];
}

/** Counts, and counts of distinct bidders and auctions. */
export const bidStatistics: Aggregate<Bid, Accumulator, BidStatistics> = {
  create: () => ({
    bidsByRank: [0, 0, 0],
    bidders: { ranks: new Map(), byRank: [0, 0, 0] },
    auctions: { ranks: new Map(), byRank: [0, 0, 0] },
  }),
  add(accumulator, { bidder, auction, price }) {
    const rank = rankOf(price);
    (accumulator.bidsByRank[rank] as number)++;
    see(accumulator.bidders, bidder, rank);
    see(accumulator.auctions, auction, rank);
    return accumulator;
  },
  result: ({ bidsByRank, bidders, auctions }) => ({
    bids: bidsByRank.reduce((sum, count) => sum + count),
    bidsByRank: [...bidsByRank],
    bidders: bidders.ranks.size,
    biddersByRank: [...bidders.byRank],
    auctions: auctions.ranks.size,
    auctionsByRank: [...auctions.byRank],
  }),
};

function see({ ranks, byRank }: Distinct, id: number, rank: number): void {
  const seen = ranks.get(id) ?? 0;
  if ((seen >> rank) & 1) return;
  ranks.set(id, seen | (1 << rank));
  (byRank[rank] as number)++;
}

import {
  type Auction,
  type Bid,
  isAuction,
  isBid,
  isPerson,
  type NexmarkEvent,
} from "../../nexmark/events.ts";

/** The answers of Nexmark, from arrays of all events, by other ways than the queries take. */
export interface Winner {
  readonly auction: Auction;
  readonly bid: Bid;
}

export function groupedBy<T>(
  values: readonly T[],
  keyOf: (value: T) => unknown,
): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>();
  for (const value of values) {
    const key = String(keyOf(value));
    const group = groups.get(key);
    if (group) group.push(value);
    else groups.set(key, [value]);
  }
  return groups;
}

/** Sorted by when the auction expires, then by its id. */
export function winners(events: readonly NexmarkEvent[]): readonly Winner[] {
  const bids = groupedBy(events.filter(isBid), ({ auction }) => auction);
  return events
    .filter(isAuction)
    .toSorted((a, b) => a.expiresMs - b.expiresMs || a.id - b.id)
    .flatMap((auction) => {
      const [bid] = (bids.get(String(auction.id)) ?? [])
        .filter(
          (one) => one.dateTimeMs >= auction.dateTimeMs && one.dateTimeMs <= auction.expiresMs,
        )
        .toSorted((a, b) => b.price - a.price || a.dateTimeMs - b.dateTimeMs);
      return bid ? [{ auction, bid }] : [];
    });
}

export function localItems(events: readonly NexmarkEvent[]): readonly unknown[] {
  const auctions = events.filter(isAuction).filter(({ category }) => category === 10);
  return events
    .filter(isPerson)
    .filter(({ state }) => state === "OR" || state === "ID" || state === "CA")
    .flatMap(({ id, name, city, state }) =>
      auctions
        .filter(({ seller }) => seller === id)
        .map((auction) => ({ name, city, state, auction: auction.id })),
    );
}

/** Start times of the windows that any event is in. */
function starts(events: readonly NexmarkEvent[], sizeMs: number, slideMs: number): number[] {
  const times = events.map(({ dateTimeMs }) => dateTimeMs);
  const [first, last] = [times[0] as number, times.at(-1) as number];
  const all: number[] = [];
  for (let startMs = first - (first % slideMs) - sizeMs; startMs <= last; startMs += slideMs) {
    all.push(startMs);
  }
  return all;
}

/** In order of time. */
function inWindow<T extends NexmarkEvent>(
  events: readonly T[],
  startMs: number,
  endMs: number,
): T[] {
  const from = events.findIndex(({ dateTimeMs }) => dateTimeMs >= startMs);
  if (from < 0) return [];
  const length = events.slice(from).findIndex(({ dateTimeMs }) => dateTimeMs >= endMs);
  return events.slice(from, length < 0 ? undefined : from + length);
}

export function hotItems(events: readonly NexmarkEvent[]): readonly unknown[] {
  const bids = events.filter(isBid);
  return starts(events, 10_000, 2_000).flatMap((startMs) => {
    const byAuction = groupedBy(
      inWindow(bids, startMs, startMs + 10_000),
      ({ auction }) => auction,
    );
    const most = Math.max(...[...byAuction.values()].map(({ length }) => length));
    return [...byAuction]
      .filter(([, { length }]) => length === most)
      .map(([auction, { length }]) => ({ auction: Number(auction), bids: length, startMs }));
  });
}

export function highestBids(events: readonly NexmarkEvent[]): readonly unknown[] {
  const bids = events.filter(isBid);
  return starts(events, 10_000, 10_000).flatMap((startMs) => {
    const inside = inWindow(bids, startMs, startMs + 10_000);
    const highest = inside.reduce((most, { price }) => Math.max(most, price), 0);
    return inside.filter(({ price }) => price === highest);
  });
}

export function newSellers(events: readonly NexmarkEvent[]): readonly unknown[] {
  return starts(events, 10_000, 10_000).flatMap((startMs) => {
    const inside = inWindow(events, startMs, startMs + 10_000);
    const sellers = inside.filter(isAuction).map(({ seller }) => seller);
    return inside
      .filter(isPerson)
      .filter(({ id }) => sellers.includes(id))
      .map(({ id, name }) => ({ id, name, startMs }));
  });
}

export function userSessions(events: readonly NexmarkEvent[]): readonly unknown[] {
  const byBidder = groupedBy(events.filter(isBid), ({ bidder }) => bidder);
  return [...byBidder.values()].flatMap((bids) => {
    const beginsOne = bids.map(
      ({ dateTimeMs }, at) => dateTimeMs - (bids[at - 1]?.dateTimeMs ?? -Infinity) > 10_000,
    );
    return bids.flatMap(({ bidder, dateTimeMs }, at) => {
      if (!beginsOne[at]) return [];
      const next = beginsOne.indexOf(true, at + 1);
      const end = next < 0 ? bids.length : next;
      const endMs = (bids[end - 1] as Bid).dateTimeMs + 10_000;
      return [{ bidder, bids: end - at, startMs: dateTimeMs, endMs }];
    });
  });
}

/** The statistics of q15 and q16 over some bids. */
export function statistics(bids: readonly Bid[]): unknown {
  const ranks = [
    ({ price }: Bid) => price < 10_000,
    ({ price }: Bid) => price >= 10_000 && price < 1_000_000,
    ({ price }: Bid) => price >= 1_000_000,
  ].map((isIn) => bids.filter(isIn));
  const distinct = (of: readonly Bid[], idOf: (bid: Bid) => number): number =>
    new Set(of.map(idOf)).size;
  return {
    bids: bids.length,
    bidsByRank: ranks.map(({ length }) => length),
    bidders: distinct(bids, ({ bidder }) => bidder),
    biddersByRank: ranks.map((of) => distinct(of, ({ bidder }) => bidder)),
    auctions: distinct(bids, ({ auction }) => auction),
    auctionsByRank: ranks.map((of) => distinct(of, ({ auction }) => auction)),
  };
}

import { describe, expect, it } from "vitest";
import { type Bid, isAuction, isBid } from "../../nexmark/events.ts";
import { q0 } from "../../nexmark/queries/q0.ts";
import { q1 } from "../../nexmark/queries/q1.ts";
import { q2 } from "../../nexmark/queries/q2.ts";
import { q3 } from "../../nexmark/queries/q3.ts";
import { q4 } from "../../nexmark/queries/q4.ts";
import { q5 } from "../../nexmark/queries/q5.ts";
import { q6 } from "../../nexmark/queries/q6.ts";
import { q7 } from "../../nexmark/queries/q7.ts";
import { q8 } from "../../nexmark/queries/q8.ts";
import { q9 } from "../../nexmark/queries/q9.ts";
import { q10 } from "../../nexmark/queries/q10.ts";
import { q11 } from "../../nexmark/queries/q11.ts";
import { q12 } from "../../nexmark/queries/q12.ts";
import { type EnrichedBid, q13 } from "../../nexmark/queries/q13.ts";
import { q14 } from "../../nexmark/queries/q14.ts";
import { q15 } from "../../nexmark/queries/q15.ts";
import { q16 } from "../../nexmark/queries/q16.ts";
import { q17 } from "../../nexmark/queries/q17.ts";
import { q18 } from "../../nexmark/queries/q18.ts";
import { q19 } from "../../nexmark/queries/q19.ts";
import { q20 } from "../../nexmark/queries/q20.ts";
import { q21 } from "../../nexmark/queries/q21.ts";
import { q22 } from "../../nexmark/queries/q22.ts";
import type { TestRunOptions } from "../../src/index.ts";
import {
  groupedBy,
  highestBids,
  hotItems,
  localItems,
  newSellers,
  statistics,
  userSessions,
  winners,
} from "./brute-force.ts";
import { answer, CRASHES, EVENTS, type Query } from "./run.ts";

const bids: readonly Bid[] = EVENTS.filter(isBid);
const sideInput = (key: number): string => `side ${key}`;
const q13Of: Query<EnrichedBid> = (events) => q13(events, async (key) => sideInput(key));

interface Case {
  readonly name: string;
  readonly run: (options?: TestRunOptions) => Promise<readonly unknown[]>;
  readonly bruteForce: () => readonly unknown[];
}

function query<Out>(name: string, asked: Query<Out>, bruteForce: () => readonly unknown[]): Case {
  return { name, run: (options) => answer(asked, options), bruteForce };
}

/** All records that brute force finds, in the order of their input, or in any (`sorted`). */
const inOrder: readonly Case[] = [
  query("q0", q0, () => bids),
  query("q1", q1, () =>
    bids.map(({ auction, bidder, price, dateTimeMs, extra }) => {
      return { auction, bidder, price: 0.908 * price, dateTimeMs, extra };
    }),
  ),
  query("q2", q2, () =>
    bids.flatMap(({ auction, price }) => (auction % 123 === 0 ? [{ auction, price }] : [])),
  ),
  query("q9", q9, () => winners(EVENTS)),
  query("q10", q10, () =>
    bids.map(({ auction, bidder, price, dateTimeMs, extra }) => {
      const minute = String(Math.floor(dateTimeMs / 60_000) % 60).padStart(2, "0");
      const line = `${auction},${bidder},${price},${dateTimeMs},${extra}`;
      return { folder: "2015-07-15", file: `00:${minute}`, line };
    }),
  ),
  query("q13", q13Of, () =>
    bids.map((bid) => ({ ...bid, value: sideInput(bid.auction % 10_000) })),
  ),
  query("q14", q14, () =>
    bids
      .map((bid) => ({ ...bid, price: 0.908 * bid.price }))
      .filter(({ price }) => price > 1e6 && price < 5e7)
      .map(({ auction, bidder, price, dateTimeMs, extra }) => ({
        auction,
        bidder,
        price,
        dateTimeMs,
        extra,
        timeOfDay: "nightTime",
        letters: extra.split("c").length - 1,
      })),
  ),
  query("q21", q21, () =>
    bids.flatMap(({ auction, bidder, price, channel, url }) => {
      const known = ["apple", "google", "facebook", "baidu"].indexOf(channel.toLowerCase());
      const id = new URL(url).searchParams.get("channel_id");
      if (known < 0 && id === null) return [];
      return [{ auction, bidder, price, channel, channelId: known < 0 ? id : String(known) }];
    }),
  ),
  query("q22", q22, () =>
    bids.map(({ auction, bidder, price, channel, url }) => {
      const folders = new URL(url).pathname.split("/").slice(1, 4);
      return { auction, bidder, price, channel, folders };
    }),
  ),
];
const inAnyOrder: readonly Case[] = [
  query("q3", q3, () => localItems(EVENTS)),
  query("q5", q5, () => hotItems(EVENTS)),
  query("q7", q7, () => highestBids(EVENTS)),
  query("q8", q8, () => newSellers(EVENTS)),
  query("q11", q11, () => userSessions(EVENTS)),
  query("q20", q20, () =>
    EVENTS.filter(isAuction)
      .filter(({ category }) => category === 10)
      .flatMap((auction) =>
        (bidsByAuction.get(String(auction.id)) ?? []).map((bid) => ({ bid, auction })),
      ),
  ),
];
const bidsByAuction = groupedBy(bids, ({ auction }) => auction);

function sorted(records: readonly unknown[]): readonly string[] {
  return records.map((record) => JSON.stringify(record)).toSorted();
}

function average(numbers: readonly number[]): number {
  return numbers.reduce((sum, one) => sum + one, 0) / numbers.length;
}

describe("Nexmark over 100,000 events: what brute force finds, and the same with crashes", () => {
  it.each(inOrder)("$name, in order", async ({ run, bruteForce }) => {
    const records = await run();
    expect(records).toEqual(bruteForce());
    expect(records.length).toBeGreaterThan(100);
    expect(await run(CRASHES)).toEqual(records);
  });

  it.each(inAnyOrder)("$name", async ({ run, bruteForce }) => {
    const records = await run();
    expect(sorted(records)).toEqual(sorted(bruteForce()));
    expect(records.length).toBeGreaterThan(5);
    expect(await run(CRASHES)).toEqual(records);
  });

  it("q4: the average closing price of each category, whenever an auction closes", async () => {
    const records = await answer(q4);
    const closed = winners(EVENTS);
    const expected = closed.map(({ auction: { category } }, at) => {
      const of = closed.slice(0, at + 1).filter(({ auction }) => auction.category === category);
      return { category, average: average(of.map(({ bid }) => bid.price)) };
    });
    expect(records).toEqual(expected);
    expect(await answer(q4, CRASHES)).toEqual(records);
  });

  it("q6: the average of each seller's last 10 closing prices", async () => {
    const records = await answer(q6);
    const closed = winners(EVENTS);
    const expected = closed.map(({ auction: { seller } }, at) => {
      const of = closed.slice(0, at + 1).filter(({ auction }) => auction.seller === seller);
      return { seller, average: average(of.slice(-10).map(({ bid }) => bid.price)) };
    });
    expect(records).toEqual(expected);
    expect(await answer(q6, CRASHES)).toEqual(records);
  });

  it("q12: each bid is counted in the window of the clock at which it was read", async () => {
    const batchMs = 300;
    const records = await answer(q12, { batchMs });
    const windowOf = (at: number): number => Math.floor((at * batchMs) / 10_000) * 10_000;
    const counts = new Map<string, number>();
    EVENTS.forEach((event, n) => {
      if (!isBid(event)) return;
      const key = `${event.bidder} ${windowOf(Math.floor(n / 1024))}`;
      counts.set(key, (counts.get(key) ?? 0) + 1);
    });
    const endMs = Math.floor(EVENTS.length / 1024) * batchMs;
    const texts = records.map((one) => `${one.bidder} ${one.startMs} ${one.bids}`);
    // The clock stops in the last window: it does not come to its end.
    const expected = [...counts]
      .filter(([key]) => Number(key.split(" ")[1]) + 10_000 <= endMs)
      .map(([key, count]) => `${key} ${count}`);
    expect(texts.toSorted()).toEqual(expected.toSorted());
    expect(expected.length).toBeGreaterThan(1_000);
  });

  it("q12 with crashes: the replay is later by the clock, but each bid is counted once", async () => {
    const batchMs = 1_000;
    const records = await answer(q12, { ...CRASHES, batchMs });
    const last = Math.max(...records.map(({ startMs }) => startMs)) + 10_000;
    const counted = records.reduce((sum, one) => sum + one.bids, 0);
    // What was read in the window that the clock did not come out of is not put out.
    const open = 20 * 1024;
    expect(counted).toBeLessThanOrEqual(bids.length);
    expect(counted).toBeGreaterThan(bids.length - open);
    expect(last).toBeGreaterThan(0);
  });

  it("q15: the last record of the day has all of its bids", async () => {
    const records = await answer(q15);
    expect(records).toHaveLength(bids.length);
    for (const at of [0, 9_999, bids.length - 1]) {
      const expected = { day: "2015-07-15", ...(statistics(bids.slice(0, at + 1)) as object) };
      expect(records[at]).toEqual(expected);
    }
    expect(await answer(q15, CRASHES)).toEqual(records);
  });

  it("q16: the last record of each channel has all of its bids", async () => {
    const records = await answer(q16);
    const last = new Map(records.map((record) => [record.channel, record]));
    const expected = [...groupedBy(bids, ({ channel }) => channel)].map(([channel, of]) => {
      const minute = new Date((of.at(-1) as Bid).dateTimeMs).toISOString().slice(11, 16);
      return [channel, { channel, day: "2015-07-15", minute, ...(statistics(of) as object) }];
    });
    expect([...last]).toEqual(expected);
    expect(records).toHaveLength(bids.length);
    expect(await answer(q16, CRASHES)).toEqual(records);
  });

  it("q17: the last record of each auction has the prices of all of its bids", async () => {
    const records = await answer(q17);
    const last = new Map(records.map((record) => [String(record.auction), record]));
    const expected = [...bidsByAuction].map(([auction, of]) => {
      const prices = of.map(({ price }) => price);
      const { bidsByRank } = statistics(of) as { bidsByRank: readonly number[] };
      const day = Math.floor(Date.UTC(2015, 6, 15) / 86_400_000);
      return [
        auction,
        {
          auction: Number(auction),
          day,
          bids: of.length,
          bidsByRank,
          lowest: Math.min(...prices),
          highest: Math.max(...prices),
          average: average(prices),
          sum: prices.reduce((sum, one) => sum + one, 0),
        },
      ];
    });
    expect([...last]).toEqual(expected);
    expect(await answer(q17, CRASHES)).toEqual(records);
  });

  it("q18: the last record of each user and auction is the latest bid", async () => {
    const records = await answer(q18);
    const keyOf = ({ bidder, auction }: Bid): string => `${bidder} ${auction}`;
    const last = new Map(records.map((bid) => [keyOf(bid), bid]));
    const expected = [...groupedBy(bids, keyOf)].map(([key, of]) => [key, of.at(-1)]);
    expect([...last]).toEqual(expected);
    expect(await answer(q18, CRASHES)).toEqual(records);
  });

  it("q19: the ten highest of what was put out are the ten highest bids of each auction", async () => {
    const records = await answer(q19);
    const highest = (of: readonly Bid[]): readonly Bid[] =>
      of.toSorted((a, b) => b.price - a.price).slice(0, 10);
    const out = groupedBy(
      records.map(({ value }) => value),
      ({ auction }) => auction,
    );
    for (const [auction, of] of bidsByAuction) {
      expect(highest(out.get(auction) ?? [])).toEqual(highest(of));
    }
    expect(out.size).toBe(bidsByAuction.size);
    expect(await answer(q19, CRASHES)).toEqual(records);
  });
});

import { describe, expect, it } from "vitest";
import type { Auction, Bid, NexmarkEvent } from "../../nexmark/events.ts";
import { isAuction, isBid, isPerson } from "../../nexmark/events.ts";
import { BASE_TIME_MS, NexmarkGenerator } from "../../nexmark/generator.ts";
import { JavaRandom } from "../../nexmark/java-random.ts";

describe("java.util.Random", () => {
  it("gives the numbers that Java's gives", () => {
    // From jshell, OpenJDK 17: new Random(42).nextInt(100), six times.
    const random = new JavaRandom(42);
    expect(Array.from({ length: 6 }, () => random.nextInt(100))).toEqual([30, 63, 48, 84, 70, 25]);
    const other = new JavaRandom(123_456_789_012);
    expect(other.nextInt()).toBe(59_424_925);
    expect(other.nextInt(16)).toBe(1);
    expect(other.nextDouble()).toBe(0.5246133121787082);
    expect(other.nextInt(1_000)).toBe(834);
    expect(other.nextInt(2 ** 30)).toBe(266_325_591);
    expect(other.nextInt(2_000_000_000)).toBe(1_176_618_793);
    expect(other.nextInt()).toBe(-892_493_796);
  });
});

describe("the generator of Nexmark", () => {
  const generator = new NexmarkGenerator();
  const events = [...generator.events(0, 10_000)];

  it("makes these events first, for ever", () => {
    expect(events.slice(0, 5).map(withoutExtra)).toMatchInlineSnapshot(`
      [
        {
          "city": "Portland",
          "creditCard": "7241 7320 9143 4888",
          "dateTimeMs": 1436918400000,
          "email": "nhd@xcat.com",
          "id": 1000,
          "kind": "person",
          "name": "Peter Jones",
          "state": "WY",
        },
        {
          "category": 13,
          "dateTimeMs": 1436918400000,
          "description": "eszpqxtdxrvwmmywkmogoahf",
          "expiresMs": 1436918400011,
          "id": 1000,
          "initialBid": 28873,
          "itemName": "wkx mgee",
          "kind": "auction",
          "reserve": 29448,
          "seller": 1000,
        },
        {
          "category": 12,
          "dateTimeMs": 1436918400000,
          "description": "cwlachrnkfzkygsu edjytotggvasbt z yjjszhhsqtrgzblkaolzkhlldqedvgj fdbvswemnzshmwipqrzqfkd",
          "expiresMs": 1436918400202,
          "id": 1001,
          "initialBid": 25626290,
          "itemName": "z ck w",
          "kind": "auction",
          "reserve": 28805847,
          "seller": 1000,
        },
        {
          "category": 10,
          "dateTimeMs": 1436918400000,
          "description": "ybjpocsabdbtiqzhbupw ihlxbsqjkmp lbupz bcqnghg fojwfqs",
          "expiresMs": 1436918400001,
          "id": 1002,
          "initialBid": 267,
          "itemName": "gxycmhtobprpd",
          "kind": "auction",
          "reserve": 422398,
          "seller": 1000,
        },
        {
          "auction": 1000,
          "bidder": 1001,
          "channel": "Google",
          "dateTimeMs": 1436918400000,
          "kind": "bid",
          "price": 32530001,
          "url": "https://www.nexmark.com/cozb/_r_/r_cg/item.htm?query=1",
        },
      ]
    `);
    expect(events[4]?.extra).toMatchInlineSnapshot(
      `"sbolvyqwgticfdrwdyiyofziYMU\\Z\`UaTQO][NX\\RM]WPYTOuwogvszlx"`,
    );
  });

  it("makes an event from its number alone", () => {
    expect([...new NexmarkGenerator().events(5_000, 5_050)]).toEqual(events.slice(5_000, 5_050));
  });

  it("persons, auctions and bids come 1 : 3 : 46, 10,000 a second", () => {
    const counts = [isPerson, isAuction, isBid].map((is) => events.filter((one) => is(one)).length);
    expect(counts).toEqual([200, 600, 9_200]);
    expect(events.at(-1)?.dateTimeMs).toBe(BASE_TIME_MS + 999);
  });

  it("ids are given one after the other; most bids are on hot auctions", () => {
    expect(events.filter(isPerson).map(({ id }) => id)).toEqual(numbersFrom(1_000, 200));
    expect(events.filter(isAuction).map(({ id }) => id)).toEqual(numbersFrom(1_000, 600));
    const hot = events.filter(isBid).filter(({ auction }) => auction % 100 === 0).length;
    // One of two, were it not that numbers seeded by 0, 1, 2 … begin alike.
    expect(hot / 9_200).toBeCloseTo(0.61, 2);
  });

  it("events are as large as Beam's on average", () => {
    const bytes = (of: readonly NexmarkEvent[]): number => {
      const texts = of.flatMap((event) => Object.values(event).filter((one) => one !== event.kind));
      const size = (value: unknown): number => (typeof value === "string" ? value.length : 8);
      return texts.reduce((sum: number, value) => sum + size(value), 0) / of.length;
    };
    expect(bytes(events.filter(isPerson)) / 200).toBeCloseTo(1, 1);
    expect(bytes(events.filter(isAuction)) / 500).toBeCloseTo(1, 1);
    const bare = events.filter(isBid).map((bid): Bid => ({ ...bid, channel: "", url: "" }));
    expect(bytes(bare) / 100).toBeCloseTo(1, 1);
  });

  it("out of order: groups have their events in another order, and all of them", () => {
    const shuffled = [...new NexmarkGenerator({ outOfOrderGroupSize: 10 }).events(0, 1_000)];
    expect(shuffled).not.toEqual(events.slice(0, 1_000));
    const bids = (of: readonly NexmarkEvent[]): string[] =>
      of.map((event) => JSON.stringify(event)).toSorted();
    expect(bids(shuffled)).toEqual(bids(events.slice(0, 1_000)));
  });

  it("auctions last as long as it takes to make 100 others, on average", () => {
    const auctions: readonly Auction[] = events.filter(isAuction);
    const lengths = auctions.map(({ dateTimeMs, expiresMs }) => expiresMs - dateTimeMs);
    const averageMs = lengths.reduce((sum, one) => sum + one, 0) / lengths.length;
    expect(averageMs / (100 * (50 / 3) * 0.1)).toBeCloseTo(1, 1);
  });
});

function withoutExtra(event: NexmarkEvent): unknown {
  return Object.fromEntries(Object.entries(event).filter(([name]) => name !== "extra"));
}

function numbersFrom(first: number, count: number): readonly number[] {
  return Array.from({ length: count }, (_, at) => first + at);
}

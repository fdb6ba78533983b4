import type { HealthEvent } from "@quorate/load-balancer";
import { VirtualClock } from "@quorate/runtime/testing";
import { describe, expect, it } from "vitest";
import type { BookEntry } from "../src/acceptance/book.ts";
import { check, type Holdings } from "../src/acceptance/check.ts";
import { Failovers } from "../src/acceptance/failovers.ts";
import { differencesOf, expectedSales } from "../src/acceptance/killed-streamer.ts";
import { isPassed } from "../src/acceptance/result.ts";
import { ServiceFailovers } from "../src/acceptance/service-failovers.ts";
import type { ServiceStatus } from "../src/cluster/service-status.ts";
import { addedSales } from "../src/live/sales.ts";
import type { Call, CallOutcome } from "../src/load/http-caller.ts";
import { newOrder } from "../src/orders/order.ts";
import { firstOrders } from "../src/orders/order-generator.ts";

/** Two acknowledged orders and one unknown are there, one unknown and one rejected are not. */
function honest(): {
  book: BookEntry[];
  orders: Holdings["orders"][number][];
  listed: Set<string>;
} {
  const outcomes: CallOutcome[] = [
    { kind: "acknowledged", id: "id0" },
    { kind: "acknowledged", id: "id1" },
    { kind: "unknown", reason: "504" },
    { kind: "unknown", reason: "504" },
    { kind: "rejected", reason: "503" },
  ];
  const requests = firstOrders("check", outcomes.length);
  const book = requests.map((request, at) => ({
    request: { ...request, reference: `run/${at}` },
    isIdempotent: at % 2 === 0,
    outcome: outcomes[at]!,
  }));
  const present = book.slice(0, 3);
  const orders = present.map(({ request }, at) => ({
    order: newOrder(`id${at}`, 0, request),
    writes: 1,
  }));
  const listed = present.map(({ request }, at) => `${request.merchantId}/orders/id${at}`);
  return { book, orders, listed: new Set(listed) };
}

const NOTHING_WRONG = { lost: 0, duplicated: 0, rejectedPresent: 0, examples: [] };

describe("the acceptance check", () => {
  it("finds nothing where every promise was kept", () => {
    const { book, ...holdings } = honest();
    expect(check(book, holdings)).toEqual(NOTHING_WRONG);
  });

  it("passes over orders of others", () => {
    const { book, orders, listed } = honest();
    const others = firstOrders("others", 2).map((request) => newOrder("x", 0, request));
    orders.push(...others.map((order) => ({ order, writes: 3 })));
    expect(check(book, { orders, listed })).toEqual(NOTHING_WRONG);
  });

  it("counts an acknowledged order that is missing as lost", () => {
    const { book, orders, listed } = honest();
    orders.shift();
    expect(check(book, { orders, listed })).toMatchObject({ lost: 1, duplicated: 0 });
  });

  it("counts one that is missing in its merchant's list as lost", () => {
    const { book, orders, listed } = honest();
    listed.delete([...listed][1]!);
    expect(check(book, { orders, listed })).toMatchObject({ lost: 1, duplicated: 0 });
  });

  it("counts one that is there under another id, or with other content, as lost", () => {
    const { book, orders, listed } = honest();
    orders[0] = { ...orders[0]!, order: { ...orders[0]!.order, id: "other" } };
    orders[1] = { ...orders[1]!, order: { ...orders[1]!.order, customerId: "someone" } };
    expect(check(book, { orders, listed })).toMatchObject({ lost: 2, duplicated: 0 });
  });

  it.each([
    ["acknowledged", 0],
    ["unknown", 2],
  ])("counts an order that is there twice as duplicated: %s", (_, at) => {
    const { book, orders, listed } = honest();
    orders.push({ ...orders[at]!, order: { ...orders[at]!.order, id: "again" } });
    const findings = check(book, { orders, listed });
    expect(findings).toMatchObject({ lost: 0, duplicated: 1, rejectedPresent: 0 });
    expect(findings.examples[0]).toContain(`run/${at}`);
  });

  it("counts an order whose key was written twice as duplicated", () => {
    const { book, orders, listed } = honest();
    orders[0] = { ...orders[0]!, writes: 2 };
    expect(check(book, { orders, listed })).toMatchObject({ lost: 0, duplicated: 1 });
  });

  it("finds a rejected order that is there", () => {
    const { book, orders, listed } = honest();
    orders.push({ order: newOrder("id4", 0, book[4]!.request), writes: 1 });
    expect(check(book, { orders, listed })).toMatchObject({ rejectedPresent: 1, lost: 0 });
  });
});

describe("the check of the live counts", () => {
  /** Counts that are what the book says: three of five orders are there. */
  function counts() {
    const { book, orders } = honest();
    const expected = expectedSales(book, orders);
    const districts = [...expected].map(([district, sales]) => {
      return { district, ...sales, late: { orders: 0, revenueCents: 0 } };
    });
    const start = "2026-11-22T12:00:00.000Z";
    const minutes = [...expected].map(([district, sales]) => ({ start, district, ...sales }));
    return { book, orders, expected, districts, minutes };
  }

  it("finds no difference where they are the acknowledged orders, and unknown ones that are there", () => {
    const { expected, orders, districts, minutes } = counts();
    const all = [...expected.values()].reduce(addedSales);
    const revenueCents = orders.reduce((sum, { order }) => sum + order.totalCents, 0);
    expect(all).toEqual({ orders: 3, revenueCents });
    expect(differencesOf(expected, { districts, minutes }, true)).toEqual([]);
  });

  it("holds them to what callers were told, not to what is there", () => {
    const { book, orders, expected } = counts();
    expect(expectedSales(book, orders.slice(1))).toEqual(expected); // lost
    expect(expectedSales(book, [...orders, orders[0]!])).toEqual(expected); // duplicated
    const others = firstOrders("others", 1).map((request) => newOrder("x", 0, request));
    const more = expectedSales(book, [...orders, { order: others[0]!, writes: 1 }]);
    expect([...more.values()].reduce(addedSales).orders).toBe(4);
  });

  it("finds an order that was counted twice or left out, in a total, in a minute, or under its price", () => {
    const { expected, districts, minutes } = counts();
    const [first, ...rest] = districts;
    const twice = { ...first!, orders: first!.orders + 1 };
    const found = differencesOf(expected, { districts: [twice, ...rest], minutes }, true);
    expect(found).toEqual([expect.stringContaining(`${first!.district}: ${twice.orders} orders`)]);
    expect(differencesOf(expected, { districts: rest, minutes }, true)).toHaveLength(1);
    expect(differencesOf(expected, { districts, minutes: minutes.slice(1) }, true)).toHaveLength(1);
    expect(differencesOf(expected, { districts, minutes: minutes.slice(1) }, false)).toEqual([]);
    const cheap = { ...first!, revenueCents: first!.revenueCents - 1 };
    expect(differencesOf(expected, { districts: [cheap, ...rest], minutes }, false)).toHaveLength(
      1,
    );
    const other = { ...first!, district: "Atlantis" };
    expect(differencesOf(expected, { districts: [...districts, other], minutes }, false)).toEqual([
      expect.stringContaining("Atlantis"),
    ]);
  });

  it("one that is too late for its minute is counted where it says so", () => {
    const { expected, districts, minutes } = counts();
    const [{ district, start, ...late }] = minutes as [(typeof minutes)[number]];
    const told = districts.map((one) => (one.district === district ? { ...one, late } : one));
    expect(start).toContain("12:00");
    const without = minutes.slice(1);
    expect(differencesOf(expected, { districts: told, minutes: without }, true)).toEqual([]);
    expect(differencesOf(expected, { districts: told, minutes }, true)).toHaveLength(1);
  });
});

describe("the verdict", () => {
  const good = {
    ...{ orders: 1, acknowledged: 1, rejected: 0, unknown: 0, errors: 0 },
    ...{ putsPerSecond: 1, p50Ms: 1, p99Ms: 1, failoverMs: [300, 400] },
    ...{ serviceKills: 1, serviceFailoverMs: [9], serviceFailoverPicks: [2] },
    ...{ idempotent: 1, idempotentErrors: 0, retries: 2, ejections: 1 },
    ...NOTHING_WRONG,
    killedRanker: { reviews: 90, merchants: 9, tookMs: 2_000, isSame: true },
    live: {
      ...{ killed: 1, restarts: 1, orders: 1, revenueCents: 1, late: 0 },
      ...{ isSame: true, differences: [] },
    },
    pausedDispatcher: { takeoverMs: 3_000, lateWrite: "stale-token", isFenced: true },
    undelivered: 0,
    replicasAgree: true,
  };

  it("is good only when nothing at all is wrong", () => {
    expect(isPassed(good)).toBe(true);
    for (const fault of [
      ...["lost", "duplicated", "rejectedPresent", "errors", "idempotentErrors", "undelivered"],
    ]) {
      expect(isPassed({ ...good, [fault]: 1 }), fault).toBe(false);
    }
    expect(isPassed({ ...good, replicasAgree: false })).toBe(false);
    expect(isPassed({ ...good, failoverMs: [300, null] })).toBe(false);
    const slept = good.pausedDispatcher;
    const written = { ...slept, lateWrite: "dispatched" };
    expect(isPassed({ ...good, pausedDispatcher: written })).toBe(false);
    expect(isPassed({ ...good, pausedDispatcher: { ...slept, isFenced: false } })).toBe(false);
    expect(isPassed({ ...good, pausedDispatcher: null })).toBe(true);
    const wrong = { ...good.killedRanker, isSame: false };
    expect(isPassed({ ...good, killedRanker: wrong })).toBe(false);
    expect(isPassed({ ...good, live: { ...good.live, isSame: false } })).toBe(false);
    expect(isPassed({ ...good, live: null })).toBe(true);
  });
});

describe("how long a killed service got requests", () => {
  /** One service; `tell` what the balancer does with it. */
  function clusterOf() {
    const listeners = new Set<(event: HealthEvent) => void>();
    const state = { picks: 10, killed: [] as string[] };
    const endpoint = { id: "s1", host: "", port: 0 };
    const cluster = {
      services: () => [{ id: "s1", picks: state.picks }] as unknown as ServiceStatus[],
      onServiceChange: (listener: (event: HealthEvent) => void) => {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
      kill: (id: string) => void state.killed.push(id),
    };
    const tell = (type: HealthEvent["type"], id = "s1"): void => {
      for (const listener of listeners) {
        listener({ type, endpoint: { ...endpoint, id }, atMs: 0, reason: "" });
      }
    };
    return { cluster, state, tell, listeners };
  }

  it("is from its kill until it is ejected or unhealthy, whichever comes first", async () => {
    const clock = new VirtualClock();
    const { cluster, state, tell, listeners } = clusterOf();
    const failovers = new ServiceFailovers(cluster, clock);
    tell("ejected"); // before the kill: another matter
    failovers.kill("s1");
    expect(state.killed).toEqual(["s1"]);
    await clock.advance(40);
    tell("unhealthy", "s2");
    state.picks = 17;
    tell("ejected");
    await clock.advance(40);
    tell("unhealthy");
    expect([failovers.kills, failovers.tookMs, failovers.picksMeanwhile]).toEqual([1, [40], [7]]);
    failovers.stop();
    expect(listeners.size).toBe(0);
  });

  it("is not known when it was back before the balancer noticed", () => {
    const failovers = new ServiceFailovers(clusterOf().cluster, new VirtualClock());
    failovers.kill("s1");
    expect(failovers.tookMs).toEqual([null]);
  });
});

describe("failover time", () => {
  const acknowledged = (id: string, sentAtMs: number, endedAtMs: number): Call => ({
    ...{ outcome: { kind: "acknowledged", id }, sentAtMs, endedAtMs },
  });
  /** Ids are `SHARD/…` here. */
  const failoversOf = (): Failovers => new Failovers((id) => id.split("/")[0]!);

  it("ends with the first acknowledgement of an order that was sent after the kill", () => {
    const failovers = failoversOf();
    failovers.killed(100, ["a"]);
    failovers.called(acknowledged("a/1", 99, 101));
    failovers.called({ outcome: { kind: "unknown", reason: "" }, sentAtMs: 101, endedAtMs: 200 });
    failovers.called(acknowledged("a/2", 150, 450));
    failovers.called(acknowledged("a/3", 160, 460));
    failovers.killed(1_000, ["a"]);
    expect(failovers.tookMs).toEqual([350, null]);
  });

  it("ends when every shard that the killed node led serves again; others do not count", () => {
    const failovers = failoversOf();
    failovers.killed(100, ["a", "b"]);
    failovers.called(acknowledged("c/1", 110, 120));
    failovers.called(acknowledged("b/1", 110, 300));
    expect(failovers.tookMs).toEqual([null]);
    expect(failovers.waiting).toEqual(["a"]);
    failovers.called(acknowledged("a/1", 110, 900));
    failovers.called(acknowledged("b/2", 110, 950));
    expect(failovers.tookMs).toEqual([800]);
  });

  it("of a shard that no order came to ends with a read", () => {
    const failovers = failoversOf();
    failovers.killed(100, ["a"]);
    failovers.served("a", 400, 500);
    expect(failovers.tookMs).toEqual([400]);
  });
});

import { type Crash, fromArray, MemorySink, runForTest } from "@quorate/stream";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { PlacedOrder, SentCourier } from "../src/live/live-events.ts";
import { livePipeline } from "../src/live/live-pipeline.ts";
import { type LiveRow, timeKey } from "../src/live/live-row.ts";
import { MAX_DISHES, topDishes } from "../src/live/top-dishes.ts";

const MINUTE_MS = 60_000;
const SHARDS = 3;

type Rows = Readonly<Record<string, unknown>>;

/** Rows replace rows of their key. */
function latest(rows: readonly LiveRow[]): Rows {
  return Object.fromEntries(rows.map(({ key, value }) => [key, value]));
}

async function run(
  orders: readonly PlacedOrder[],
  couriers: readonly SentCourier[],
  crashes: readonly Crash[] = [],
): Promise<Rows> {
  const rows = new MemorySink<LiveRow>();
  const splits = (id: string): string => `shard-${Number(id.slice(1) || 0) % SHARDS}`;
  const options = { batchSize: 3 };
  const pipeline = livePipeline({
    orders: fromArray(orders, { ...options, splits: ({ id }) => splits(id) }),
    couriers: fromArray(couriers, { ...options, splits: ({ orderId }) => splits(orderId) }),
    rows,
  });
  await runForTest(pipeline, { checkpointEvery: 5, batchMs: 200, crashes });
  return latest(rows.committed);
}

/** The same by plain loops over all of it. */
function counted(orders: readonly PlacedOrder[], couriers: readonly SentCourier[]): Rows {
  const rows: Record<string, any> = {};
  const add = (key: string, { revenueCents }: PlacedOrder): void => {
    const before = (rows[key] ??= { orders: 0, revenueCents: 0 });
    before.orders++;
    before.revenueCents += revenueCents;
  };
  const startOf = (ms: number): number => Math.floor(ms / MINUTE_MS) * MINUTE_MS;
  const dishes: Record<number, Record<string, number>> = {};
  for (const order of orders) {
    add(`live/totals/${order.district}`, order);
    const minute = startOf(order.placedAtMs);
    add(`live/minutes/${timeKey(minute)}/${order.district}`, order);
    for (let at = 0; at < 5; at++) {
      const counts = (dishes[minute - at * MINUTE_MS] ??= {});
      for (const { dish, quantity } of order.dishes) {
        counts[dish] = (counts[dish] ?? 0) + quantity;
      }
    }
  }
  for (const [start, counts] of Object.entries(dishes)) {
    rows[`live/dishes/${timeKey(Number(start))}/`] = Object.entries(counts)
      .map(([dish, quantity]) => ({ dish, quantity }))
      .toSorted((a, b) => b.quantity - a.quantity || (a.dish < b.dish ? -1 : 1))
      .slice(0, 5);
  }
  for (const { orderId, sentAtMs } of couriers) {
    const { district, placedAtMs } = orders.find(({ id }) => id === orderId)!;
    const key = `live/delays/${timeKey(startOf(sentAtMs))}/${district}`;
    const delayMs = sentAtMs - placedAtMs;
    const before = (rows[key] ??= { couriers: 0, totalMs: 0, maxMs: 0 });
    before.couriers++;
    before.totalMs += delayMs;
    before.maxMs = Math.max(before.maxMs, delayMs);
  }
  return rows;
}

const dish = fc.record({
  dish: fc.constantFrom("Ramen", "Pizza", "Fries", "Soup", "Curry", "Lassi", "Falafel"),
  quantity: fc.integer({ min: 1, max: 3 }),
});
const START_MS = 1_790_000_000_000;
/** In the order of their writing; each up to 9 s older than one before it. */
const placed = fc
  .array(
    fc.record({
      district: fc.constantFrom("Altona", "Barmbek", "St. Pauli"),
      afterMs: fc.oneof(fc.integer({ min: 0, max: 2_000 }), fc.integer({ min: 0, max: 60_000 })),
      delayedMs: fc.integer({ min: 0, max: 9_000 }),
      revenueCents: fc.integer({ min: 0, max: 5_000 }),
      dishes: fc.array(dish, { minLength: 1, maxLength: 3 }),
      isDelivered: fc.boolean(),
      courierMs: fc.integer({ min: 0, max: 120_000 }),
    }),
    { maxLength: 60, size: "max" },
  )
  .map((drafts) => {
    let writtenMs = START_MS;
    const orders = drafts.map(({ afterMs, delayedMs, courierMs, ...order }, at) => {
      writtenMs += afterMs;
      return { ...order, id: `o${at}`, placedAtMs: writtenMs - delayedMs, writtenMs, courierMs };
    });
    const couriers = orders
      .filter(({ isDelivered }) => isDelivered)
      .map(({ id, writtenMs: atMs, courierMs }) => {
        return { orderId: id, sentAtMs: atMs + courierMs };
      })
      .toSorted((a, b) => a.sentAtMs - b.sentAtMs);
    return { orders: orders, couriers };
  });
const crashes: fc.Arbitrary<readonly Crash[]> = fc.array(
  fc.record({
    afterBatches: fc.integer({ min: 1, max: 30 }),
    at: fc.constantFrom<Crash["at"][]>("batch", "before-commit"),
  }),
  { maxLength: 3 },
);

describe("the live counts", () => {
  it("are those of the same orders in one loop, whatever the disorder in bounds and wherever it crashes", async () => {
    await fc.assert(
      fc.asyncProperty(placed, crashes, async ({ orders, couriers }, planned) => {
        expect(await run(orders, couriers, planned)).toEqual(counted(orders, couriers));
      }),
      { numRuns: 100 },
    );
  });

  it("an order that is too late for its minute is in the totals, and counted as late", async () => {
    const order = (id: string, placedAtMs: number): PlacedOrder => {
      const dishes = [{ dish: "Ramen", quantity: 1 }];
      return { id, district: "Altona", placedAtMs, revenueCents: 100, dishes, isDelivered: false };
    };
    const HOUR_MS = 60 * MINUTE_MS;
    const orders = [order("o0", START_MS), order("o3", START_MS + HOUR_MS), order("o6", START_MS)];
    const rows = await run(orders, []);
    expect(rows["live/totals/Altona"]).toEqual({ orders: 3, revenueCents: 300 });
    expect(rows["live/late/Altona"]).toEqual({ orders: 1, revenueCents: 100 });
    const start = Math.floor(START_MS / MINUTE_MS) * MINUTE_MS;
    expect(rows[`live/minutes/${timeKey(start)}/Altona`]).toMatchObject({ orders: 1 });
  });

  it("dishes beyond the most that a window knows are not counted, and take no memory", () => {
    const dishes = Array.from({ length: MAX_DISHES }, (_, at) => ({ dish: `${at}`, quantity: 1 }));
    const order = { id: "", district: "", placedAtMs: 0, revenueCents: 0, isDelivered: false };
    const full = topDishes.add(topDishes.create(), { ...order, dishes });
    const more = { ...order, dishes: [{ dish: "new", quantity: 9 }, dishes[7]!] };
    const counts = topDishes.add(full, more);
    expect(counts.size).toBe(MAX_DISHES);
    expect(topDishes.result(counts)[0]).toEqual({ dish: "7", quantity: 2 });
  });
});

import { KvError } from "@quorate/kv";
import { type Clock, pause } from "@quorate/runtime";
import type { Cluster } from "../cluster/cluster.ts";
import type { LiveStatus } from "../live/live-status.ts";
import { STREAMER } from "../cluster/service-processes.ts";
import { KEPT_MS } from "../live/live-sink.ts";
import { MINUTE_MS } from "../live/live-windows.ts";
import { addedSales, NO_SALES, type Sales } from "../live/sales.ts";
import type { StoredOrder } from "../orders/order-shard.ts";
import { newOrder } from "../orders/order.ts";
import type { Book } from "./book.ts";
import { until } from "./until.ts";

/** What became of the counts of a streaming process that was killed in the middle. */
export interface KilledStreamer {
  readonly killed: number;
  /** How often it was started again since the cluster was. */
  readonly restarts: number;
  /** All that it has counted. */
  readonly orders: number;
  readonly revenueCents: number;
  /** Of these, those that came too late for their minute. */
  readonly late: number;
  /** Whether orders and revenue of each district, and over all its minutes, are those that were acknowledged. */
  readonly isSame: boolean;
  /** What is not, in words. */
  readonly differences: readonly string[];
}

type ByDistrict = ReadonlyMap<string, Sales>;

const POLL_MS = 250;
const TIMEOUT_MS = 30_000;
const ALL_MINUTES = KEPT_MS / MINUTE_MS + 1;

/** SIGKILL, once it has counted more than `before`. */
export async function killStreamer(cluster: Cluster, before: number, clock: Clock): Promise<void> {
  await until(clock, "an order is counted", POLL_MS, async () => {
    const status = await liveStatus(cluster);
    return status && status.orders > before ? true : undefined;
  });
  cluster.kill(STREAMER);
}

/** How many orders it has counted; undefined when there is none. */
export async function countedOrders(cluster: Cluster, clock: Clock): Promise<number | undefined> {
  const live = await until(clock, "the counts can be read", POLL_MS, async () => {
    try {
      return { status: await cluster.live(1) };
    } catch (error) {
      return absent(error);
    }
  });
  return live.status?.orders;
}

/**
 * Holds the counts to what was acknowledged, when they have come so far: an order whose outcome nobody
 * knows counts if it is there, and so does one of others.
 */
export async function streamerVerdict(
  cluster: Cluster,
  book: Book,
  killed: number,
  stored: () => Promise<readonly StoredOrder[]>,
  clock: Clock,
): Promise<KilledStreamer> {
  const deadlineMs = clock.now() + TIMEOUT_MS;
  for (;;) {
    const orders = await stored();
    const live = await liveStatus(cluster);
    const differences = live
      ? differencesOf(expectedSales(book, orders), live, areAllKept(orders))
      : ["the counts cannot be read"];
    const isSame = differences.length === 0;
    if (isSame || clock.now() >= deadlineMs) {
      const { orders: counted = 0, revenueCents = 0, late = 0 } = live ?? {};
      const restarts = live?.process.restarts ?? 0;
      return { killed, restarts, orders: counted, revenueCents, late, isSame, differences };
    }
    await pause(clock, POLL_MS, []);
  }
}

/** What the callers were told is there, whether or not it is; and what else is. */
export function expectedSales(book: Book, stored: readonly StoredOrder[]): ByDistrict {
  const expected = new Map<string, Sales>();
  const add = (district: string, revenueCents: number): void => {
    const before = expected.get(district) ?? NO_SALES;
    expected.set(district, addedSales(before, { orders: 1, revenueCents }));
  };
  const acknowledged = new Set<string>();
  for (const { request, outcome } of book) {
    if (outcome.kind !== "acknowledged") continue;
    acknowledged.add(request.reference);
    add(request.district, newOrder(outcome.id, 0, request).totalCents);
  }
  for (const { order } of stored) {
    if (acknowledged.has(order.reference ?? "")) continue;
    add(order.district, order.totalCents);
  }
  return expected;
}

/** Where the counts are not as expected, a line each. */
export function differencesOf(
  expected: ByDistrict,
  { districts, minutes }: Pick<LiveStatus, "districts" | "minutes">,
  areMinutesKept: boolean,
): readonly string[] {
  const windows = new Map<string, Sales>();
  for (const { district, ...sales } of minutes) {
    windows.set(district, addedSales(windows.get(district) ?? NO_SALES, sales));
  }
  const names = new Set([...expected.keys(), ...districts.map(({ district }) => district)]);
  return [...names].flatMap((name) => {
    const total = districts.find(({ district }) => district === name);
    const acknowledged = expected.get(name) ?? NO_SALES;
    const inWindows = addedSales(windows.get(name) ?? NO_SALES, total?.late ?? NO_SALES);
    return [
      ...different(name, "counted", total ?? NO_SALES, acknowledged),
      ...(areMinutesKept ? different(name, "in its minutes", inWindows, acknowledged) : []),
    ];
  });
}

function different(name: string, what: string, found: Sales, expected: Sales): readonly string[] {
  const isSame = found.orders === expected.orders && found.revenueCents === expected.revenueCents;
  if (isSame) return [];
  const words = ({ orders, revenueCents }: Sales): string =>
    `${orders} orders, ${revenueCents} cents`;
  return [`${name}: ${words(found)} ${what}, not ${words(expected)}`];
}

/** Minutes are kept for a day: a folder with older orders has fewer in its minutes. */
function areAllKept(orders: readonly StoredOrder[]): boolean {
  const times = orders.map(({ order }) => Date.parse(order.placedAt));
  const [oldest, newest] = times.reduce<[number, number]>(
    ([least, most], time) => [Math.min(least, time), Math.max(most, time)],
    [Infinity, -Infinity],
  );
  return newest - oldest < KEPT_MS - MINUTE_MS;
}

async function liveStatus(cluster: Cluster): Promise<LiveStatus | undefined> {
  try {
    return await cluster.live(ALL_MINUTES);
  } catch (error) {
    return absent(error);
  }
}

function absent(error: unknown): undefined {
  if (!(error instanceof KvError)) throw error; // else there is no leader for a moment
}

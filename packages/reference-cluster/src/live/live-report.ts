import { type KvClient, utf8, withPrefix } from "@quorate/kv";
import { scan } from "../orders/scan.ts";
import type { Delays } from "./courier-delay.ts";
import {
  LIVE_CHECKPOINT,
  LIVE_DELAYS,
  LIVE_DISHES,
  LIVE_LATE,
  LIVE_MINUTES,
  LIVE_TOTALS,
  timeKey,
} from "./live-row.ts";
import { DISHES_MS, MINUTE_MS } from "./live-windows.ts";
import { addedSales, NO_SALES, type Sales } from "./sales.ts";
import type { DishCount } from "./top-dishes.ts";

/** What the streaming process has counted, all of one checkpoint. */
export interface LiveReport extends Sales {
  /** Of the checkpoint; 0 before there is one. */
  readonly checkpoint: number;
  /** Of these, orders that came too late for their minute. */
  readonly late: number;
  /** All orders there ever were. */
  readonly districts: readonly DistrictTotal[];
  /** The oldest first. */
  readonly minutes: readonly DistrictMinute[];
  /** What was ordered most in the last five minutes. */
  readonly topDishes: readonly DishCount[];
  /** The oldest first. */
  readonly courierDelays: readonly DistrictDelay[];
}

export interface DistrictTotal extends Sales {
  readonly district: string;
  /** Of these, what came too late for its minute. */
  readonly late: Sales;
}

/** The orders of one minute. */
export interface DistrictMinute extends Sales {
  /** When the minute starts: ISO 8601, UTC. */
  readonly start: string;
  readonly district: string;
}

/** The couriers that were sent in one minute. */
export interface DistrictDelay {
  readonly start: string;
  readonly district: string;
  readonly couriers: number;
  /** From the order until they were sent. */
  readonly meanMs: number;
  readonly maxMs: number;
}

/** What is needed of the store. */
export type ReportKv = Pick<KvClient, "range">;

/**
 * Reads the counts at one revision of their store.
 *
 * @param lastMinutes how many minutes to tell, up to the newest
 * @throws {KvError} `unavailable`.
 */
export async function liveReport(kv: ReportKv, lastMinutes: number): Promise<LiveReport> {
  const newestFirst = { target: "key", order: "descending" } as const;
  const newest = await kv.range(withPrefix(LIVE_MINUTES), { limit: 1, sort: newestFirst });
  const { revision } = newest;
  const newestMs = newest.kvs[0] ? placeOf(LIVE_MINUTES, newest.kvs[0].key).startMs : 0;
  const from = timeKey(Math.max(0, newestMs - (lastMinutes - 1) * MINUTE_MS));
  const dishesMs = newestMs + MINUTE_MS - DISHES_MS;
  const [checkpoint, totals, late, minutes, delays, dishes] = await Promise.all([
    kv.range(withPrefix(LIVE_CHECKPOINT), { revision }),
    byDistrict(kv, LIVE_TOTALS, revision),
    byDistrict(kv, LIVE_LATE, revision),
    windows<Sales>(kv, LIVE_MINUTES, from, revision),
    windows<Delays>(kv, LIVE_DELAYS, from, revision),
    windows<readonly DishCount[]>(kv, LIVE_DISHES, timeKey(Math.max(0, dishesMs)), revision),
  ]);
  return {
    checkpoint: checkpoint.kvs[0] ? Number(utf8(checkpoint.kvs[0].value)) : 0,
    ...[...totals.values()].reduce(addedSales, NO_SALES),
    late: [...late.values()].reduce((sum, { orders }) => sum + orders, 0),
    districts: [...totals].map(([district, total]) => {
      return { district, ...total, late: late.get(district) ?? NO_SALES };
    }),
    minutes: minutes.map(({ start, district, value }) => ({ start, district, ...value })),
    topDishes: dishes[0]?.value ?? [],
    courierDelays: delays.map(({ start, district, value: { couriers, totalMs, maxMs } }) => {
      return { start, district, couriers, meanMs: totalMs / couriers, maxMs };
    }),
  };
}

async function byDistrict(
  kv: ReportKv,
  prefix: string,
  revision: number,
): Promise<ReadonlyMap<string, Sales>> {
  const found = new Map<string, Sales>();
  for await (const { key, value } of scan(kv, prefix, revision)) {
    found.set(utf8(key).slice(prefix.length), JSON.parse(utf8(value)) as Sales);
  }
  return found;
}

interface Window<T> {
  readonly start: string;
  readonly district: string;
  readonly value: T;
}

async function windows<T>(
  kv: ReportKv,
  prefix: string,
  from: string,
  revision: number,
): Promise<Window<T>[]> {
  const found: Window<T>[] = [];
  for await (const { key, value } of scan(kv, prefix, revision, prefix + from)) {
    const { startMs, district } = placeOf(prefix, key);
    const start = new Date(startMs).toISOString();
    found.push({ start, district, value: JSON.parse(utf8(value)) as T });
  }
  return found;
}

function placeOf(prefix: string, key: Uint8Array): { startMs: number; district: string } {
  const [time = "", ...district] = utf8(key).slice(prefix.length).split("/");
  return { startMs: Number(time), district: district.join("/") };
}

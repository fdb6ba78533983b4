import {
  boundedDisorder,
  continuousTrigger,
  createPipeline,
  everyCountTrigger,
  outputTag,
  type Pipeline,
  sliding,
  type Sink,
  type Source,
  tumbling,
} from "@quorate/stream";
import { type Delay, delays } from "./courier-delay.ts";
import type { PlacedOrder, SentCourier } from "./live-events.ts";
import {
  LIVE_DELAYS,
  LIVE_DISHES,
  LIVE_LATE,
  LIVE_MINUTES,
  LIVE_TOTALS,
  type LiveRow,
  totalRow,
  windowRow,
} from "./live-row.ts";
import { DISHES_MS, MINUTE_MS } from "./live-windows.ts";
import { sales } from "./sales.ts";
import { topDishes } from "./top-dishes.ts";

/** Where the pipeline reads and writes. */
export interface LiveConnectors {
  readonly orders: Source<PlacedOrder>;
  readonly couriers: Source<SentCourier>;
  readonly rows: Sink<LiveRow>;
}

/** An order is tried for five seconds after it got its time, and may be stored after ones that are younger. */
const MAX_DISORDER_MS = 10_000;
/** A shard without orders for so long does not hold the others' windows open. */
const IDLE_AFTER_MS = 60_000;
/** Of one that was out of reach longer than that, orders are still counted in their windows for so long. */
const ALLOWED_LATENESS_MS = 10 * MINUTE_MS;
/** A courier that comes later than that is not waited for. */
const MAX_DELAY_MS = 60 * MINUTE_MS;
/**
 * Windows are shown while they fill. Sums with each record: the sink keeps the last of a checkpoint, so
 * the minutes are always those of the totals. The best dishes are sorted, and so often only.
 */
const REFRESH_MS = 1_000;

/** What is counted while it happens, in event time: orders and revenue, top dishes, couriers' delay. */
export function livePipeline({ orders, couriers, rows }: LiveConnectors): Pipeline {
  const pipeline = createPipeline();
  const placed = pipeline
    .from(orders, { watermarks: inBounds<PlacedOrder>(({ placedAtMs }) => placedAtMs) })
    .named("orders");
  const sent = pipeline
    .from(couriers, { watermarks: inBounds<SentCourier>(({ sentAtMs }) => sentAtMs) })
    .named("couriers");

  const byDistrict = placed.keyBy(({ district }) => district);
  const totals = byDistrict
    .aggregate(sales, (all, district) => totalRow(LIVE_TOTALS, district, all))
    .named("totals");

  const tooLate = outputTag<PlacedOrder>("too late");
  const minutes = byDistrict
    .window(tumbling(MINUTE_MS))
    .trigger(everyCountTrigger(1))
    .allowedLateness(ALLOWED_LATENESS_MS)
    .lateTo(tooLate)
    .aggregate(sales, (all, { key, startMs }) => windowRow(LIVE_MINUTES, startMs, all, key))
    .named("minutes");
  const late = minutes
    .sideOutput(tooLate)
    .keyBy(({ district }) => district)
    .aggregate(sales, (all, district) => totalRow(LIVE_LATE, district, all))
    .named("late");

  const dishes = placed
    .keyBy(() => "all")
    .window(sliding(DISHES_MS, MINUTE_MS))
    .trigger(continuousTrigger(REFRESH_MS, "processing"))
    .allowedLateness(ALLOWED_LATENESS_MS)
    .aggregate(topDishes, (top, { startMs }) => windowRow(LIVE_DISHES, startMs, top))
    .named("dishes");

  const delay = placed
    .filter(({ isDelivered }) => isDelivered)
    .keyBy(({ id }) => id)
    .intervalJoin(
      sent.keyBy(({ orderId }) => orderId),
      // Their times are of two processes, whose clock may have been set back in between.
      { fromMs: -MAX_DISORDER_MS, toMs: MAX_DELAY_MS },
      ({ district, placedAtMs }, { sentAtMs }): Delay => {
        return { district, delayMs: Math.max(0, sentAtMs - placedAtMs) };
      },
    )
    .named("courier of an order")
    .keyBy(({ district }) => district)
    .window(tumbling(MINUTE_MS))
    .trigger(everyCountTrigger(1))
    .allowedLateness(ALLOWED_LATENESS_MS)
    .aggregate(delays, (all, { key, startMs }) => windowRow(LIVE_DELAYS, startMs, all, key))
    .named("delays");

  return totals.union(minutes, late, dishes, delay).named("rows").to(rows, "live");
}

function inBounds<T>(timestampOf: (value: T) => number): ReturnType<typeof boundedDisorder<T>> {
  return boundedDisorder(timestampOf, MAX_DISORDER_MS, { idleAfterMs: IDLE_AFTER_MS });
}

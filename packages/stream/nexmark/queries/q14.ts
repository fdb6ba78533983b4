import type { DataStream } from "../../src/index.ts";
import { isBid, type NexmarkEvent } from "../events.ts";

export interface PricedBid {
  readonly auction: number;
  readonly bidder: number;
  readonly price: number;
  readonly timeOfDay: "dayTime" | "nightTime" | "otherTime";
  readonly dateTimeMs: number;
  readonly extra: string;
  /** How often its text has a "c". */
  readonly letters: number;
}

/** Calculation: the dearer bids in euros, with the time of the day and a count of letters. */
export function q14(events: DataStream<NexmarkEvent>): DataStream<PricedBid> {
  return events
    .filter(isBid)
    .filter(({ price }) => price * 0.908 > 1_000_000 && price * 0.908 < 50_000_000)
    .map(({ auction, bidder, price, dateTimeMs, extra }) => ({
      auction,
      bidder,
      price: price * 0.908,
      timeOfDay: timeOfDay(dateTimeMs),
      dateTimeMs,
      extra,
      letters: count(extra, "c"),
    }));
}

function timeOfDay(timeMs: number): PricedBid["timeOfDay"] {
  const hour = Math.floor(timeMs / 3_600_000) % 24;
  if (hour >= 8 && hour <= 18) return "dayTime";
  return hour <= 6 || hour >= 20 ? "nightTime" : "otherTime";
}

function count(text: string, letter: string): number {
  let found = 0;
  for (let at = text.indexOf(letter); at >= 0; at = text.indexOf(letter, at + 1)) found++;
  return found;
}

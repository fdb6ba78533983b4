import type { DataStream } from "../../src/index.ts";
import { isBid, type NexmarkEvent } from "../events.ts";

export interface EuroBid {
  readonly auction: number;
  readonly bidder: number;
  readonly price: number;
  readonly dateTimeMs: number;
  readonly extra: string;
}

/** Currency conversion: each price in euros. */
export function q1(events: DataStream<NexmarkEvent>): DataStream<EuroBid> {
  return events.filter(isBid).map(({ auction, bidder, price, dateTimeMs, extra }) => ({
    auction,
    bidder,
    price: price * 0.908,
    dateTimeMs,
    extra,
  }));
}

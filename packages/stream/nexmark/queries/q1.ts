import type { DataStream } from "../../src/index.ts";
import { type Bid, isBid, type NexmarkEvent } from "../events.ts";

/** Currency conversion: each price in euros. */
export function q1(events: DataStream<NexmarkEvent>): DataStream<Bid> {
  return events.filter(isBid).map((bid) => ({ ...bid, price: bid.price * 0.908 }));
}

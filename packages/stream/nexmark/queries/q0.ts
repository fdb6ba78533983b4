import type { DataStream } from "../../src/index.ts";
import { type Bid, isBid, type NexmarkEvent } from "../events.ts";

/** Pass through: what the engine itself costs. */
export function q0(events: DataStream<NexmarkEvent>): DataStream<Bid> {
  return events.filter(isBid);
}

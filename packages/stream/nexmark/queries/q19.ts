import type { DataStream, Ranked } from "../../src/index.ts";
import { type Bid, isBid, type NexmarkEvent } from "../events.ts";

/** Each bid that is among the ten highest of its auction when it comes. */
export function q19(events: DataStream<NexmarkEvent>): DataStream<Ranked<number, Bid>> {
  return events
    .filter(isBid)
    .keyBy(({ auction }) => auction)
    .topN({ n: 10, scoreOf: ({ price }) => price });
}

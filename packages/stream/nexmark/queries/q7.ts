import { type DataStream, tumbling } from "../../src/index.ts";
import { type Bid, isBid, type NexmarkEvent } from "../events.ts";

const SIZE_MS = 10_000;

/** Highest bid: those of the highest price of each 10 s. */
export function q7(events: DataStream<NexmarkEvent>): DataStream<Bid> {
  return events
    .filter(isBid)
    .keyBy(() => 0)
    .window(tumbling(SIZE_MS))
    .aggregate<Bid[], readonly Bid[]>({ create: () => [], add: highest, result: (bids) => bids })
    .flatMap<Bid>((bids, emit) => bids.forEach(emit));
}

function highest(before: Bid[], bid: Bid): Bid[] {
  const price = before[0]?.price ?? 0;
  if (bid.price > price) return [bid];
  if (bid.price === price) before.push(bid);
  return before;
}

import { type DataStream, tumbling } from "../../src/index.ts";
import { isBid, type NexmarkEvent } from "../events.ts";

export interface UserBids {
  readonly bidder: number;
  readonly bids: number;
  readonly startMs: number;
}

const SIZE_MS = 10_000;

/** Bids of each user in windows of the machine's clock. */
export function q12(events: DataStream<NexmarkEvent>): DataStream<UserBids> {
  return events
    .filter(isBid)
    .keyBy(({ bidder }) => bidder)
    .window(tumbling(SIZE_MS, { domain: "processing" }))
    .aggregate<number, number, UserBids>(
      { create: () => 0, add: (count) => count + 1, result: (count) => count },
      (bids, { key, startMs }) => ({ bidder: key, bids, startMs }),
    );
}

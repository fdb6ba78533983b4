import type { DataStream } from "../../src/index.ts";
import type { NexmarkEvent } from "../events.ts";
import { type WinningBid, winningBids } from "../winning-bids.ts";

/** Winning bids: of each auction that had one. */
export function q9(events: DataStream<NexmarkEvent>): DataStream<WinningBid> {
  return winningBids(events);
}

import type { DataStream } from "../../src/index.ts";
import { type Bid, isBid, type NexmarkEvent } from "../events.ts";

/** More than there are auctions, so that a bidder and an auction make one number. */
const AUCTIONS = 2 ** 26;

/** The last bid of each user on each auction, anew with each that is newer. */
export function q18(events: DataStream<NexmarkEvent>): DataStream<Bid> {
  return events
    .filter(isBid)
    .keyBy(({ bidder, auction }) => bidder * AUCTIONS + auction)
    .deduplicate({ keep: "last" });
}

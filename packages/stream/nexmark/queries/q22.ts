import type { DataStream } from "../../src/index.ts";
import { isBid, type NexmarkEvent } from "../events.ts";

export interface BidOfFolders {
  readonly auction: number;
  readonly bidder: number;
  readonly price: number;
  readonly channel: string;
  readonly folders: readonly [string, string, string];
}

/** Each bid with the folders of its URL. */
export function q22(events: DataStream<NexmarkEvent>): DataStream<BidOfFolders> {
  return events.filter(isBid).map<BidOfFolders>(({ auction, bidder, price, channel, url }) => {
    const [, , , first = "", second = "", third = ""] = url.split("/", 6);
    return { auction, bidder, price, channel, folders: [first, second, third] };
  });
}

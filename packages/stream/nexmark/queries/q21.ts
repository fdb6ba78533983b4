import type { DataStream } from "../../src/index.ts";
import { isBid, type NexmarkEvent } from "../events.ts";

export interface BidOfChannel {
  readonly auction: number;
  readonly bidder: number;
  readonly price: number;
  readonly channel: string;
  readonly channelId: string;
}

const IDS: ReadonlyMap<string, string> = new Map([
  ["apple", "0"],
  ["google", "1"],
  ["facebook", "2"],
  ["baidu", "3"],
]);

/** Each bid with the id of its channel: of a known one, or the one in its URL. */
export function q21(events: DataStream<NexmarkEvent>): DataStream<BidOfChannel> {
  return events.filter(isBid).flatMap<BidOfChannel>((bid, emit) => {
    const { auction, bidder, price, channel, url } = bid;
    const channelId = IDS.get(channel.toLowerCase()) ?? /(?:&|^)channel_id=([^&]*)/.exec(url)?.[1];
    if (channelId !== undefined) emit({ auction, bidder, price, channel, channelId });
  });
}

import type { DataStream } from "../../src/index.ts";
import { type Bid, isBid, type NexmarkEvent } from "../events.ts";

export interface EnrichedBid extends Bid {
  readonly value: string;
}

const KEYS = 10_000;

/** Each bid with what a bounded side input has of its auction. */
export function q13(
  events: DataStream<NexmarkEvent>,
  sideInput: (key: number) => string | Promise<string>,
): DataStream<EnrichedBid> {
  return events.filter(isBid).lookupJoin({
    keyOf: ({ auction }) => auction % KEYS,
    lookUp: sideInput,
    join: (bid, value) => ({ ...bid, value }),
    cache: { maxEntries: KEYS },
  });
}

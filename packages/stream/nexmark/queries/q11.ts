import { type DataStream, session } from "../../src/index.ts";
import { isBid, type NexmarkEvent } from "../events.ts";

export interface UserSession {
  readonly bidder: number;
  readonly bids: number;
  readonly startMs: number;
  readonly endMs: number;
}

const GAP_MS = 10_000;

/** User sessions: how many bids a user made before a pause of 10 s. */
export function q11(events: DataStream<NexmarkEvent>): DataStream<UserSession> {
  return events
    .filter(isBid)
    .keyBy(({ bidder }) => bidder)
    .window(session(GAP_MS))
    .aggregate<number, number, UserSession>(
      {
        create: () => 0,
        add: (count) => count + 1,
        result: (count) => count,
        merge: (one, other) => one + other,
      },
      (bids, { key, startMs, endMs }) => ({ bidder: key, bids, startMs, endMs }),
    );
}

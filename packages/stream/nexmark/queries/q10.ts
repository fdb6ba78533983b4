import type { DataStream } from "../../src/index.ts";
import { isBid, type NexmarkEvent } from "../events.ts";

/** A line of a file: for a sink that writes a folder of each day and a file of each minute. */
export interface LogLine {
  readonly folder: string;
  readonly file: string;
  readonly line: string;
}

/** Log to files: every bid, by its day and minute. */
export function q10(events: DataStream<NexmarkEvent>): DataStream<LogLine> {
  return events.filter(isBid).map((bid) => {
    const time = new Date(bid.dateTimeMs).toISOString();
    const { auction, bidder, price, dateTimeMs, extra } = bid;
    return {
      folder: time.slice(0, 10),
      file: time.slice(11, 16),
      line: [auction, bidder, price, dateTimeMs, extra].join(),
    };
  });
}

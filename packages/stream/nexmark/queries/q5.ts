import { type DataStream, sliding, tumbling } from "../../src/index.ts";
import { isBid, type NexmarkEvent } from "../events.ts";

export interface HotItem {
  readonly auction: number;
  readonly bids: number;
  readonly startMs: number;
}

const SIZE_MS = 10_000;
const SLIDE_MS = 2_000;

/** Hot items: every 2 s the auctions with the most bids of the last 10 s. */
export function q5(events: DataStream<NexmarkEvent>): DataStream<HotItem> {
  const counts = events
    .filter(isBid)
    .keyBy(({ auction }) => auction)
    .window(sliding(SIZE_MS, SLIDE_MS))
    .aggregate<number, number, HotItem>(
      { create: () => 0, add: (count) => count + 1, result: (count) => count },
      (bids, { key, startMs }) => ({ auction: key, bids, startMs }),
    );
  // All counts of a window have the time of its end.
  return counts
    .keyBy(({ startMs }) => startMs)
    .window(tumbling(SLIDE_MS))
    .aggregate<HotItem[], readonly HotItem[]>({
      create: () => [],
      add: hottest,
      result: (all) => all,
    })
    .flatMap<HotItem>((all, emit) => all.forEach(emit));
}

function hottest(before: HotItem[], item: HotItem): HotItem[] {
  const most = before[0]?.bids ?? 0;
  if (item.bids > most) return [item];
  if (item.bids === most) before.push(item);
  return before;
}

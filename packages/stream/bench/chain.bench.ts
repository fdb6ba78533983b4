import { defineBench, measured, type Sample } from "@quorate/bench";
import { filter, groupBy, map, mergeMap, Observable, scan } from "rxjs";
import {
  boundedDisorder,
  createPipeline,
  fromArray,
  MemorySink,
  noEventTime,
  tumbling,
} from "../src/index.ts";
import { Job } from "../src/job.ts";
import { v8Codec } from "../src/v8-codec.ts";

interface Bid {
  readonly auction: number;
  readonly price: number;
  readonly atMs: number;
}

const KEYS = 1_000;
const BATCH = 1_024;
const BATCHES = 4_000;
const bids: readonly Bid[] = Array.from({ length: BATCH * 8 }, (_, at) => ({
  auction: (at * 7_919) % KEYS,
  price: at % 1_000,
  atMs: 1_760_000_000_000 + at,
}));
const batches = Array.from({ length: 8 }, (_, at) => bids.slice(at * BATCH, (at + 1) * BATCH));

/**
 * Records in memory, one subtask, by the processor time that the process used: other work on the
 * machine slows the clock on the wall, not this. Map, filter (half pass), sum by key, and a window.
 */
export default defineBench(async (options) => [
  await measured(options, {
    case: "map, filter, keyed sum",
    unit: "M/s",
    ours: async () => timed(ours()),
    peers: { rxjs: async () => timed(rxjs()) },
    limit: async () => timed(plainLoop()).value,
    goal: ({ ours: value, peers }) => {
      const goal = Math.max(20, 3 * peers["rxjs"]);
      return { goal, met: value >= goal };
    },
  }),
  await measured(options, {
    case: "map, filter, keyed sum, with timestamps",
    unit: "M/s",
    ours: async () => timed(ours(({ atMs }) => atMs)),
    peers: { rxjs: async () => timed(rxjs()) },
  }),
  await measured(options, {
    case: "sum by key and second, a watermark for each record",
    unit: "M/s",
    ours: async () => timed(windowed()),
    peers: {},
  }),
]);

function timed(push: (batch: readonly Bid[]) => void): Sample {
  for (let at = 0; at < 1_000; at++) push(batches[at % 8] as readonly Bid[]);
  const before = process.cpuUsage();
  for (let at = 0; at < BATCHES; at++) push(batches[at % 8] as readonly Bid[]);
  const { user, system } = process.cpuUsage(before);
  return { value: (BATCHES * BATCH) / (user + system) };
}

function ours(timestampOf: (bid: Bid) => number = () => 0): (batch: readonly Bid[]) => void {
  const pipeline = createPipeline();
  pipeline
    .from(fromArray<Bid>([]), { watermarks: { ...noEventTime<Bid>(), timestampOf } })
    .named("bids")
    .map((bid) => ({ key: bid.auction, value: bid.price + 1 }))
    .filter(({ value }) => value % 2 === 0)
    .keyBy(({ key }) => key)
    .aggregate({
      create: () => 0,
      add: (sum, { value }) => (sum + value) | 0,
      result: (sum) => sum,
    })
    .filter((sum) => sum === -1)
    .to(new MemorySink<number>(), "sums");
  const job = new Job(pipeline.graph, { codec: v8Codec, keyGroups: 128, nowMs: 0 });
  const input = job.sources.get("bids");
  return (batch) => input?.push({ records: batch, position: undefined });
}

/** A record each millisecond: 1,000 a window, each of another key. */
function windowed(): (batch: readonly Bid[]) => void {
  let nowMs = 1_760_000_000_000;
  const pipeline = createPipeline();
  pipeline
    .from(fromArray<Bid>([]), { watermarks: boundedDisorder(() => nowMs++, 4_000) })
    .named("bids")
    .keyBy(({ auction }) => auction)
    .window(tumbling(1_000))
    .aggregate({ create: () => 0, add: (sum, { price }) => sum + price, result: (sum) => sum })
    .filter((sum) => sum === -1)
    .to(new MemorySink<number>(), "sums");
  const job = new Job(pipeline.graph, { codec: v8Codec, keyGroups: 128, nowMs: 0 });
  const input = job.sources.get("bids");
  return (batch) => input?.push({ records: batch, position: undefined });
}

function rxjs(): (batch: readonly Bid[]) => void {
  let push: (bid: Bid) => void = () => {};
  new Observable<Bid>((subscriber) => void (push = (bid) => subscriber.next(bid)))
    .pipe(
      map((bid) => ({ key: bid.auction, value: bid.price + 1 })),
      filter(({ value }) => value % 2 === 0),
      groupBy(({ key }) => key),
      mergeMap((group) => group.pipe(scan((sum, { value }) => (sum + value) | 0, 0))),
      filter((sum) => sum === -1),
    )
    .subscribe(() => {});
  return (batch) => {
    for (const bid of batch) push(bid);
  };
}

/** The same work as one loop by hand. */
function plainLoop(): (batch: readonly Bid[]) => void {
  const sums = new Map<number, number>();
  return (batch) => {
    for (const bid of batch) {
      const value = bid.price + 1;
      if (value % 2 === 0) sums.set(bid.auction, ((sums.get(bid.auction) ?? 0) + value) | 0);
    }
  };
}

import { performance } from "node:perf_hooks";
import { type Bench, defineBench, measured, type Sample } from "@quorate/bench";
import { encodeCommand, put, WatchHub, type WatchRequest, withPrefix } from "../src/index.ts";
import { batches, filled, keysOf, VALUE_BYTES } from "./workload.ts";

const STREAMS = 100;
const WATCHES_A_STREAM = 100;
/** Some 50 ms of writes, after which everybody takes what is new. */
const TAKEN_AFTER = 10_000;

const MESSAGE_BYTES = 4_194_304;

const bench: Bench = defineBench(async (options) => {
  const keys = keysOf(options.quick ? 20_000 : 100_000);
  const value = Buffer.alloc(VALUE_BYTES, "v");
  const puts = batches(keys.map((key) => encodeCommand(put(key, value))));

  /** Puts a second, with the taking of messages, of a store with these watches. */
  function withWatches(requestOf: (watch: number) => WatchRequest | undefined): Sample {
    const machine = filled(keys);
    const hub = new WatchHub(machine);
    const streams = Array.from({ length: STREAMS }, () =>
      hub.openStream({ maxMessageBytes: MESSAGE_BYTES }),
    );
    let messages = 0;
    const takeAll = (): void => {
      for (const stream of streams) {
        for (let next = stream.next(); next !== undefined; next = stream.next()) messages++;
      }
    };
    for (const [at, stream] of streams.entries()) {
      for (let each = 0; each < WATCHES_A_STREAM; each++) {
        const request = requestOf(at * WATCHES_A_STREAM + each);
        if (request) stream.watch(request);
      }
    }
    takeAll();
    messages = 0;
    const startedAt = performance.now();
    let sinceTaken = 0;
    for (const batch of puts) {
      machine.apply(batch);
      sinceTaken += batch.length;
      if (sinceTaken < TAKEN_AFTER) continue;
      takeAll();
      sinceTaken = 0;
    }
    takeAll();
    const tookMs = performance.now() - startedAt;
    if (messages === 0 && requestOf(0)) throw new Error("nobody was told");
    return { value: (keys.length * 1_000) / tookMs };
  }

  const none = { "no watches": async () => withWatches(() => undefined) };
  const goal = ({ ours, peers }: { ours: number; peers: Record<string, number> }) => {
    const least = 0.9 * peers["no watches"]!;
    return { goal: least, met: ours >= least };
  };
  return [
    await measured(options, {
      case: `puts with ${STREAMS * WATCHES_A_STREAM} watches on one prefix, told every ${TAKEN_AFTER} puts`,
      unit: "puts/s",
      ours: async () => withWatches(() => withPrefix("order/")),
      peers: none,
      goal,
    }),
    await measured(options, {
      case: `puts with ${STREAMS * WATCHES_A_STREAM} watches, each on another key under one prefix`,
      unit: "puts/s",
      ours: async () => withWatches((watch) => ({ key: keys[watch % keys.length]! })),
      peers: none,
      goal,
    }),
  ];
});

export default bench;

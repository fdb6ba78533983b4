import { type Bench, defineBench, measured } from "@quorate/bench";
import { nodeNames, OURS, PEERS } from "./contenders.ts";
import { fastestMs } from "./timing.ts";

const NODES = nodeNames(1_000);
const TIMES = 15;
const PEER_TIMES = 2;
const NEW = "10.1.0.0:11211";
const KEY = "session:00000001";

const bench: Bench = defineBench(async (options) => [
  await measured(options, {
    case: "a node joins 1,000, ring",
    unit: "ms",
    ours: async () => {
      const ring = OURS.ring(NODES);
      ring.add(NEW);
      return fastestMs(
        TIMES,
        () => ring.remove(NEW),
        () => {
          ring.add(NEW);
          ring.locate(KEY);
        },
      );
    },
    peers: {
      hashring: async () =>
        fastestMs(
          PEER_TIMES,
          () => PEERS.hashring(NODES),
          (ring) => ring.add(NEW),
        ),
      "consistent-hash": async () =>
        fastestMs(
          PEER_TIMES,
          () => PEERS["consistent-hash"](NODES),
          (ring) => {
            ring.add(NEW);
            ring.locate(KEY);
          },
        ),
    },
    goal: ({ ours }) => ({ goal: 1, met: ours <= 1 }),
  }),
  await measured(options, {
    case: "a node joins 1,000, Maglev (the table is built anew)",
    unit: "ms",
    ours: async () => {
      const maglev = OURS.maglev(NODES);
      const setUp = (): void => {
        maglev.remove(NEW);
        maglev.locate(KEY);
      };
      maglev.add(NEW);
      return fastestMs(TIMES, setUp, () => {
        maglev.add(NEW);
        maglev.locate(KEY);
      });
    },
    goal: ({ ours }) => ({ goal: 8, met: ours <= 8 }),
  }),
  await measured(options, {
    case: "building 1,000 nodes, ring",
    unit: "ms",
    ours: async () => fastestMs(TIMES, () => NODES, OURS.ring),
    peers: {
      hashring: async () => fastestMs(PEER_TIMES, () => NODES, PEERS.hashring),
      "consistent-hash": async () =>
        fastestMs(
          PEER_TIMES,
          () => NODES,
          (nodes) => PEERS["consistent-hash"](nodes).locate(KEY),
        ),
    },
  }),
]);
export default bench;

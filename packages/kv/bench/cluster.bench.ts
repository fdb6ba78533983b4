import { type Bench, defineBench, measured, type Run } from "@quorate/bench";
import { closedLoop, type LoopResult } from "../../raft/bench/closed-loop.ts";
import { EtcdCluster } from "../../raft/bench/etcd-cluster.ts";
import { ProcessCluster } from "../../raft/bench/process-cluster.ts";
import { RaftCluster } from "../../raft/bench/raft-cluster.ts";
import { createKvClient } from "../src/index.ts";
import { keysOf, VALUE_BYTES } from "./workload.ts";

const OUTSTANDING = 1_000;
const SECONDS = 3;
const ETCD = "etcd, 3 nodes";
const RAFT = "bare Raft";

/** Three processes and one client on this machine, over TCP, fdatasync on; bare Raft and etcd beside. */
const bench: Bench = defineBench(async (options) => {
  if (options.case && !/through the client/.test(options.case)) return [];
  const cluster = await ProcessCluster.start(new URL("kv-node-process.ts", import.meta.url));
  const raft = await RaftCluster.start(
    new URL("../../raft/bench/node-process.ts", import.meta.url),
  );
  const etcd = await EtcdCluster.start();
  const kv = createKvClient({ nodes: cluster.names }, { transport: cluster.client });
  const keys = keysOf(10_000);
  const value = Buffer.alloc(VALUE_BYTES, "v");
  let next = 0;
  const put = async (): Promise<void> => {
    const { kind } = await kv.put(keys[next++ % keys.length]!, value);
    if (kind !== "committed") throw new Error(`a put was ${kind}`);
  };
  const get = (): Promise<unknown> => kv.get(keys[next++ % keys.length]!);
  const propose = (): Promise<unknown> =>
    raft.client.request(raft.leader, "bench/propose", new Uint8Array(VALUE_BYTES));
  const besides = (reads: boolean): Record<string, Run> =>
    etcd ? { [ETCD]: async () => asRate(await etcd.measure(OUTSTANDING, SECONDS, reads)) } : {};
  try {
    for (const run of [put, propose]) await closedLoop(OUTSTANDING, 2, run);
    return [
      await measured(options, {
        case: `puts of ${VALUE_BYTES} B through the client, ${OUTSTANDING} outstanding, 3 nodes`,
        unit: "commits/s",
        ours: async () => asRate(await closedLoop(OUTSTANDING, SECONDS, put)),
        peers: {
          [RAFT]: async () => asRate(await closedLoop(OUTSTANDING, SECONDS, propose)),
          ...besides(false),
        },
        goal: ({ ours, peers }) => {
          const least = 0.6 * peers[RAFT];
          return { goal: least, met: ours >= least };
        },
      }),
      await measured(options, {
        case: `linearizable gets through the client, ${OUTSTANDING} outstanding, 3 nodes`,
        unit: "gets/s",
        ours: async () => asRate(await closedLoop(OUTSTANDING, SECONDS, get)),
        peers: besides(true),
        goal: ({ ours }) => ({ goal: 100_000, met: ours >= 100_000 }),
      }),
    ];
  } finally {
    await kv.stop();
    await Promise.all([etcd?.stop(), raft.stop(), cluster.stop()]);
  }
});

function asRate({ perSecond, p50Ms, p99Ms }: LoopResult): {
  readonly value: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
} {
  return { value: perSecond, p50Ms, p99Ms };
}

export default bench;

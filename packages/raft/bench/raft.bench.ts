import { type BenchOptions, defineBench, measured, type Row, type Run } from "@quorate/bench";
import { closedLoop, type LoopResult } from "./closed-loop.ts";
import { commitLimitMs } from "./commit-limit.ts";
import { EtcdCluster } from "./etcd-cluster.ts";
import { RaftCluster } from "./raft-cluster.ts";

const SECONDS = 3;
const COMMAND = new Uint8Array(256).fill(120);
const PEER = "etcd, 3 nodes";

/** Three processes and their load on this machine, fdatasync on, 256-byte commands. */
export default defineBench(async (options) => {
  const raft = await RaftCluster.start();
  const etcd = await EtcdCluster.start();
  try {
    await closedLoop(1_000, 1, propose(raft)); // so that code is compiled and files are allocated
    await etcd?.measure(1_000, 1);
    return [
      await latency(options, raft, etcd),
      await throughput(options, raft, etcd),
      await reads(options, raft, etcd),
    ];
  } finally {
    await etcd?.stop();
    await raft.stop();
  }
});

function latency(
  options: BenchOptions,
  raft: RaftCluster,
  etcd?: EtcdCluster,
): Promise<Row | undefined> {
  return measured(options, {
    case: "commit, 1 outstanding",
    unit: "ms",
    ours: async () => asLatency(await closedLoop(1, SECONDS, propose(raft))),
    peers: peer(etcd, async (cluster) => asLatency(await cluster.measure(1, SECONDS))),
    limit: () => commitLimitMs(raft),
    goal: ({ ours }) => ({ goal: 0.8, met: ours <= 0.8 }),
  });
}

function throughput(
  options: BenchOptions,
  raft: RaftCluster,
  etcd?: EtcdCluster,
): Promise<Row | undefined> {
  return measured(options, {
    case: "commits, 1,000 outstanding",
    unit: "commits/s",
    ours: async () => asRate(await closedLoop(1_000, SECONDS, propose(raft))),
    peers: peer(etcd, async (cluster) => asRate(await cluster.measure(1_000, SECONDS))),
    goal: ({ ours }) => ({ goal: 30_000, met: ours >= 30_000 }),
  });
}

function reads(
  options: BenchOptions,
  raft: RaftCluster,
  etcd?: EtcdCluster,
): Promise<Row | undefined> {
  const read = (): Promise<unknown> =>
    raft.client.request(raft.leader, "bench/read", new Uint8Array(0));
  return measured(options, {
    case: "linearizable reads, 1,000 outstanding",
    unit: "reads/s",
    ours: async () => asRate(await closedLoop(1_000, SECONDS, read)),
    peers: peer(etcd, async (cluster) => asRate(await cluster.measure(1_000, SECONDS, true))),
  });
}

function propose({ client, leader }: RaftCluster): () => Promise<unknown> {
  return () => client.request(leader, "bench/propose", COMMAND);
}

function peer(
  etcd: EtcdCluster | undefined,
  run: (etcd: EtcdCluster) => ReturnType<Run>,
): Record<string, Run> {
  return etcd ? { [PEER]: () => run(etcd) } : {};
}

function asLatency({ p50Ms, p99Ms }: LoopResult): { value: number; p50Ms: number; p99Ms: number } {
  return { value: p50Ms, p50Ms, p99Ms };
}

function asRate({ perSecond, p50Ms, p99Ms }: LoopResult): {
  value: number;
  p50Ms: number;
  p99Ms: number;
} {
  return { value: perSecond, p50Ms, p99Ms };
}

import { type BenchOptions, defineBench, measured, type Row } from "@quorate/bench";
import { closedLoop } from "../../raft/bench/closed-loop.ts";
import { RaftCluster } from "../../raft/bench/raft-cluster.ts";

const SECONDS = 3;
const COMMAND = new Uint8Array(256).fill(120);
const RAFT = "Raft, same set-up";
const LOG_NODE = new URL("log-node-process.ts", import.meta.url);
/** Of Raft's commits a second, and of what a commit takes there. */
const LEAST_SHARE = 0.8;

/** Three processes and their load on this machine, fdatasync on, 256-byte commands; Raft beside. */
export default defineBench(async (options) => {
  const log = await RaftCluster.start(LOG_NODE);
  const raft = await RaftCluster.start();
  try {
    // So that code is compiled and files are allocated.
    for (const cluster of [log, raft]) await closedLoop(1_000, 1, propose(cluster));
    return [
      await throughput(options, log, raft),
      await latency(options, log, raft),
      await reads(options, log, raft),
    ];
  } finally {
    await raft.stop();
    await log.stop();
  }
});

function throughput(
  options: BenchOptions,
  log: RaftCluster,
  raft: RaftCluster,
): Promise<Row | undefined> {
  const run = (cluster: RaftCluster) => async () => {
    const { perSecond, p50Ms, p99Ms } = await closedLoop(1_000, SECONDS, propose(cluster));
    return { value: perSecond, p50Ms, p99Ms };
  };
  return measured(options, {
    case: "log: commits, 1,000 outstanding",
    unit: "commits/s",
    ours: run(log),
    peers: { [RAFT]: run(raft) },
    goal: ({ ours, peers }) => {
      const goal = LEAST_SHARE * peers[RAFT];
      return { goal, met: ours >= goal };
    },
  });
}

function latency(
  options: BenchOptions,
  log: RaftCluster,
  raft: RaftCluster,
): Promise<Row | undefined> {
  const run = (cluster: RaftCluster) => async () => {
    const { p50Ms, p99Ms } = await closedLoop(1, SECONDS, propose(cluster));
    return { value: p50Ms, p50Ms, p99Ms };
  };
  return measured(options, {
    case: "log: commit, 1 outstanding",
    unit: "ms",
    ours: run(log),
    peers: { [RAFT]: run(raft) },
  });
}

function reads(
  options: BenchOptions,
  log: RaftCluster,
  raft: RaftCluster,
): Promise<Row | undefined> {
  const run = (cluster: RaftCluster) => async () => {
    const read = (): Promise<unknown> =>
      cluster.client.request(cluster.leader, "bench/read", new Uint8Array(0));
    const { perSecond, p50Ms, p99Ms } = await closedLoop(1_000, SECONDS, read);
    return { value: perSecond, p50Ms, p99Ms };
  };
  return measured(options, {
    case: "log: linearizable reads, 1,000 outstanding",
    unit: "reads/s",
    ours: run(log),
    peers: { [RAFT]: run(raft) },
  });
}

function propose({ client, leader }: RaftCluster): () => Promise<unknown> {
  return () => client.request(leader, "bench/propose", COMMAND);
}

import { type BenchOptions, defineBench, measured, percentile, type Row } from "@quorate/bench";
import { closedLoop, type LoopResult } from "../../raft/bench/closed-loop.ts";
import { ProcessCluster } from "../../raft/bench/process-cluster.ts";
import { RaftCluster } from "../../raft/bench/raft-cluster.ts";
import { anywhere, byKey, fill, longestGapMs, reads, updates } from "./register-load.ts";

const SECONDS = 3;
/** Three processes on two cores take their time to have all of it compiled. */
const WARM_UP_SECONDS = 8;
const PROGRAM = new URL("register-node-process.ts", import.meta.url);
const RAFT = "@quorate/raft, commit";
const NOBODY = "nobody killed";
const COMMAND = new Uint8Array(256).fill(120);

/** The set-up of Raft's bench: three processes and their load on this machine, fdatasync on. */
export default defineBench(async (options) => {
  const register = await ProcessCluster.start(PROGRAM);
  const raft = await RaftCluster.start();
  try {
    // So that code is compiled, files are allocated, and all keys are there with their promises.
    await fill(register);
    await closedLoop(1_000, options.quick ? 3 : WARM_UP_SECONDS, updates(register, byKey));
    await closedLoop(1_000, 1, propose(raft));
    return [
      await latency(options, register, raft),
      await throughput(options, register, raft),
      await elsewhere(options, register),
      await linearizableReads(options, register),
      await gap(options),
    ];
  } finally {
    await raft.stop();
    await register.stop();
  }
});

function latency(
  options: BenchOptions,
  register: ProcessCluster,
  raft: RaftCluster,
): Promise<Row | undefined> {
  return measured(options, {
    case: "register: update of 256 bytes, 1 outstanding, p50",
    unit: "ms",
    ours: async () => asLatency(await closedLoop(1, SECONDS, updates(register, byKey))),
    peers: { [RAFT]: async () => asLatency(await closedLoop(1, SECONDS, propose(raft))) },
    goal: ({ ours, peers }) => {
      const goal = 1.3 * peers[RAFT];
      return { goal, met: ours <= goal };
    },
  });
}

function throughput(
  options: BenchOptions,
  register: ProcessCluster,
  raft: RaftCluster,
): Promise<Row | undefined> {
  return measured(options, {
    case: "register: updates of 10,000 keys, each from one node, 1,000 outstanding",
    unit: "operations/s",
    ours: async () => asRate(await closedLoop(1_000, SECONDS, updates(register, byKey))),
    peers: { [RAFT]: async () => asRate(await closedLoop(1_000, SECONDS, propose(raft))) },
    goal: ({ ours }) => ({ goal: 40_000, met: ours >= 40_000 }),
  });
}

function elsewhere(options: BenchOptions, register: ProcessCluster): Promise<Row | undefined> {
  return measured(options, {
    case: "register: updates of 10,000 keys, each from any node, 1,000 outstanding",
    unit: "operations/s",
    ours: async () => asRate(await closedLoop(1_000, SECONDS, updates(register, anywhere))),
  });
}

function linearizableReads(
  options: BenchOptions,
  register: ProcessCluster,
): Promise<Row | undefined> {
  return measured(options, {
    case: "register: linearizable reads of 10,000 keys, 1,000 outstanding",
    unit: "reads/s",
    ours: async () => asRate(await closedLoop(1_000, SECONDS, reads(register, byKey))),
  });
}

/** No leader, no election: nobody should notice but who had asked that very node. */
function gap(options: BenchOptions): Promise<Row | undefined> {
  return measured(options, {
    case: "register: longest time without an answer when a node is killed",
    unit: "ms",
    ours: () => longestGapOf(["n1", "n2", "n3"]),
    // What the machine and its disk do by themselves.
    peers: { [NOBODY]: () => longestGapOf([undefined, undefined, undefined]) },
    goal: ({ ours }) => ({ goal: 100, met: ours <= 100 }),
  });
}

async function longestGapOf(victims: readonly (string | undefined)[]): Promise<{ value: number }> {
  const gapsMs: number[] = [];
  for (const victim of victims) {
    const cluster = await ProcessCluster.start(PROGRAM);
    try {
      await fill(cluster);
      await closedLoop(200, 2, updates(cluster, byKey));
      gapsMs.push(await longestGapMs(cluster, victim));
    } finally {
      await cluster.stop();
    }
  }
  return { value: percentile(gapsMs, 100) };
}

function propose({ client, leader }: RaftCluster): () => Promise<unknown> {
  return () => client.request(leader, "bench/propose", COMMAND);
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

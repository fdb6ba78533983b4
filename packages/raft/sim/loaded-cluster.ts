import { createSimulation, type SimulatedNode } from "@quorate/simulation";
import { Counter } from "../bench/counter.ts";
import { createRaftNode, type RaftNode, WalStorage } from "../src/index.ts";

const VOTERS = ["n1", "n2", "n3", "n4", "n5"];
const CLIENTS = 20;

/** What a simulated cluster under load did. */
export interface LoadedRun {
  readonly simulatedMs: number;
  readonly committed: number;
  readonly events: number;
  readonly traceHash: string;
}

/**
 * Five Raft nodes on faulty disks and a network that loses one message in a hundred, 20 clients that
 * together propose `opsPerSecond` commands of 100 bytes, and a node that restarts every ten seconds.
 */
export async function runLoadedCluster(
  seed: number,
  simulatedMs: number,
  opsPerSecond: number,
): Promise<LoadedRun> {
  const world = createSimulation({ seed, network: { lossProbability: 0.01 } });
  const nodes = VOTERS.map((name) =>
    world.node(name, async ({ clock, random, transport, fileSystem }) => {
      await transport.start();
      const directory = `/${name}`;
      const log = createRaftNode(
        { voters: VOTERS, directory, snapshotAfterBytes: 1_000_000, catchUpEntries: 1_000 },
        {
          transport,
          machine: new Counter(),
          storage: new WalStorage(
            { directory, nodeId: name, voters: VOTERS, segmentBytes: 1_048_576 },
            fileSystem,
            random.fork("wal"),
          ),
          clock,
          random,
        },
      );
      await log.start();
      return log;
    }),
  );
  await Promise.all(nodes.map((node) => node.start()));
  let committed = 0;
  const client = async (): Promise<never> => {
    for (;;) {
      const outcome = await leaderOf(nodes)?.propose(new Uint8Array(100));
      if (outcome?.kind === "committed") committed++;
      await world.sleep((1_000 * CLIENTS) / opsPerSecond);
    }
  };
  for (let number = 0; number < CLIENTS; number++) void client();
  for (let at = 0; world.clock.now() < simulatedMs; at++) {
    await world.run(10_000);
    await nodes[at % nodes.length]!.restart();
  }
  await world[Symbol.asyncDispose]();
  const { events, trace } = world;
  return { simulatedMs: world.clock.now(), committed, events, traceHash: trace.hash };
}

function leaderOf(
  nodes: readonly SimulatedNode<RaftNode<Counter>>[],
): RaftNode<Counter> | undefined {
  return nodes.find(({ instance }) => instance?.status().role === "leader")?.instance;
}

import { createRaftNode, type RaftNode, type RaftOptions, WalStorage } from "@quorate/raft";
import type { NodeEnvironment } from "@quorate/simulation";
import { serveKv } from "../src/index.ts";
import { counted, type Proposed } from "./counted-log.ts";
import type { StoreCoverage } from "./kv-coverage.ts";
import { type StoreOracle, WatchedStore } from "./store-oracle.ts";

/** What runs on each replica. */
export interface KvNode {
  readonly log: RaftNode<WatchedStore>;
  readonly machine: WatchedStore;
  stop(): Promise<void>;
}

/** Starts a replica: the store on Raft on a write-ahead log, and the server in front of it. */
export async function bootKvNode(
  { name, clock, random, transport, fileSystem }: NodeEnvironment,
  options: Pick<RaftOptions, "voters" | "snapshotAfterBytes" | "sessions">,
  oracle: StoreOracle,
  seen: {
    readonly proposed: Proposed;
    readonly cover: (name: "retried writes" | "sessions expired" | StoreCoverage) => void;
  },
): Promise<KvNode> {
  const directory = `/${name}`;
  const { voters } = options;
  await transport.start();
  const machine = new WatchedStore(name, oracle, seen.cover);
  const storage = new WalStorage(
    { directory, nodeId: name, voters, segmentBytes: 16_384 },
    fileSystem,
    random.fork("wal"),
  );
  const log = createRaftNode(
    { ...options, directory, electionTimeoutMs: 1_000, heartbeatMs: 100, catchUpEntries: 20 },
    { transport, machine, storage, clock, random },
  );
  serveKv(counted(log, seen.proposed, seen.cover), transport);
  await log.start();
  return { log, machine, stop: () => log.stop() };
}

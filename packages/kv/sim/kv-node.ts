import { createPaxosLog, LogWalStorage } from "@quorate/paxos/log";
import { createRaftNode, WalStorage } from "@quorate/raft";
import type { SessionOptions } from "@quorate/replication";
import type { DrivenNode } from "@quorate/replication/driver";
import type { NodeEnvironment } from "@quorate/simulation";
import { serveKv } from "../src/index.ts";
import { counted, type Proposed } from "./counted-log.ts";
import type { StoreCoverage } from "./kv-coverage.ts";
import type { LeaseOracle } from "./lease-oracle.ts";
import { type StoreOracle, WatchedStore } from "./store-oracle.ts";
import type { WatchOracle } from "./watch-oracle.ts";

/** Small, so that it is full now and then. */
const PAXOS_WINDOW = 16;

/** What runs on each replica. */
export interface KvNode {
  readonly log: DrivenNode<WatchedStore>;
  readonly machine: WatchedStore;
  stop(): Promise<void>;
}

/** What all replicas of a run are told. */
export interface KvNodeOptions {
  readonly consensus: "raft" | "paxos";
  readonly voters: readonly string[];
  readonly snapshotAfterBytes: number;
  readonly sessions: SessionOptions;
  readonly watchMessageBytes: number;
}

/** Starts a replica: the store on a replicated log, and the server in front of it. */
export async function bootKvNode(
  environment: NodeEnvironment,
  options: KvNodeOptions,
  oracle: StoreOracle,
  seen: {
    readonly watches: WatchOracle;
    readonly leases: LeaseOracle;
    readonly proposed: Proposed;
    readonly cover: (name: "retried writes" | "sessions expired" | StoreCoverage) => void;
  },
): Promise<KvNode> {
  const { name, transport } = environment;
  await transport.start();
  const machine = new WatchedStore(name, oracle, seen, seen.cover);
  const log = createLog(environment, options, machine);
  const { clock } = environment;
  const { watchMessageBytes } = options;
  serveKv(counted(log, seen.proposed, seen.cover), transport, { watchMessageBytes }, { clock });
  await log.start();
  return { log, machine, stop: () => log.stop() };
}

function createLog(
  { name, clock, random, transport, fileSystem }: NodeEnvironment,
  { consensus, voters, snapshotAfterBytes, sessions }: KvNodeOptions,
  machine: WatchedStore,
): DrivenNode<WatchedStore> {
  const options = { voters, snapshotAfterBytes, sessions };
  const own = { directory: `/${name}`, nodeId: name, voters, segmentBytes: 16_384 };
  const timing = { electionTimeoutMs: 1_000, heartbeatMs: 100, catchUpEntries: 20 };
  const settings = { ...options, ...timing, directory: own.directory };
  const [disk, parts] = [random.fork("wal"), { transport, machine, clock, random }];
  if (consensus === "raft") {
    const storage = new WalStorage(own, fileSystem, disk);
    return createRaftNode(settings, { ...parts, storage });
  }
  const window = { window: PAXOS_WINDOW };
  const storage = new LogWalStorage({ ...own, ...window, bootstrap: true }, fileSystem, disk);
  return createPaxosLog({ ...settings, ...window }, { ...parts, storage });
}

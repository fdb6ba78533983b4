import { FAULT_KINDS, type SimulationTarget, swarmTarget } from "@quorate/simulation";
import { createRaftNode, type RaftNode, WalStorage } from "../src/index.ts";
import { counted } from "./counted-storage.ts";
import type { WatchedLedger } from "./ledger-oracle.ts";
import { LEDGER_COVERAGE, type LedgerNode, LedgerRun } from "./ledger-run.ts";

type RaftLedger = LedgerNode<RaftNode<WatchedLedger>>;

/** Raft, and clients that keep a ledger. */
const target: SimulationTarget = swarmTarget<RaftLedger>({
  name: "raft",
  coverage: [...LEDGER_COVERAGE, "truncations", "log resets"],
  // A voter that forgot its votes is none: an emptied disk needs a change of membership.
  faults: FAULT_KINDS.filter((kind) => kind !== "wipe"),
  unreliableMessages: true,
  damagedNodes: (size) => Math.floor((size - 1) / 2),
  begin: (context) => {
    const voters = context.swarm.names;
    return new LedgerRun(context, (environment, settings, machine) => {
      const { name, clock, random, transport, fileSystem } = environment;
      const { directory } = settings;
      const files = new WalStorage(
        { directory, nodeId: name, voters, segmentBytes: 16_384 },
        fileSystem,
        random.fork("wal"),
      );
      const storage = counted(files, (what) => context.cover(what));
      return createRaftNode(
        { ...settings, voters },
        { transport, machine, storage, clock, random },
      );
    });
  },
});

export default target;

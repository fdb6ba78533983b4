import { integerBetween, pick } from "@quorate/runtime";
import {
  FAULT_KINDS,
  type SimulationTarget,
  type SwarmContext,
  swarmTarget,
} from "@quorate/simulation";
import { LEDGER_COVERAGE, LedgerRun } from "../../raft/sim/ledger-run.ts";
import { createPaxosLog, LogWalStorage } from "../src/log/index.ts";
import { type PaxosLedger, takeBackTheWiped } from "./log-operator.ts";

/**
 * Multi-Paxos, and clients that keep a ledger. Disks may be emptied: such a node must not vote under
 * its old identity, and an operator takes it back.
 */
class PaxosRun extends LedgerRun<PaxosLedger["log"]> {
  readonly #context: SwarmContext<PaxosLedger>;

  constructor(context: SwarmContext<PaxosLedger>) {
    const voters = context.swarm.names;
    const window = pick(context.random.fork("window"), [2, 8, 32, 256]);
    const maxAppendBytes = integerBetween(context.random.fork("append"), 1, 40) * 100;
    super(context, (environment, settings, machine, { isFirst }) => {
      const { name, clock, random, transport, fileSystem } = environment;
      const { directory } = settings;
      const storage = new LogWalStorage(
        { directory, nodeId: name, voters, window, bootstrap: isFirst, segmentBytes: 16_384 },
        fileSystem,
        random.fork("wal"),
      );
      return createPaxosLog(
        { ...settings, voters, window, maxAppendBytes },
        { transport, machine, storage, clock, random },
      );
    });
    this.#context = context;
  }

  override startUsers(): void {
    super.startUsers();
    const { world } = this.#context;
    takeBackTheWiped(this.#context).catch((error: unknown) => world.fail(error));
  }
}

const target: SimulationTarget = swarmTarget<PaxosLedger>({
  name: "paxos",
  coverage: [...LEDGER_COVERAGE, "wiped nodes taken back"],
  faults: FAULT_KINDS,
  unreliableMessages: true,
  damagedNodes: (size) => Math.floor((size - 1) / 2),
  begin: (context) => new PaxosRun(context),
});

export default target;

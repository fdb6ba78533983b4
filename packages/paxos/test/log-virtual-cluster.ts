import type { StateMachine } from "@quorate/replication";
import { VirtualCluster } from "../../replication/test/virtual-cluster.ts";
import {
  createPaxosLog,
  LogWalStorage,
  type PaxosLogNode,
  type PaxosLogOptions,
} from "../src/log/index.ts";

/** Multi-Paxos nodes on a virtual clock, a network in memory, and disks in memory. */
export class VirtualPaxosCluster<S extends StateMachine> extends VirtualCluster<
  S,
  PaxosLogNode<S>
> {
  constructor(size: number, createMachine: () => S, options: Partial<PaxosLogOptions> = {}) {
    super(size, createMachine, ({ name, voters, machine, transport, disk, clock, random }) => {
      const directory = `/${name}`;
      const { window = 64, bootstrap = true } = options;
      const storage = new LogWalStorage(
        { directory, nodeId: name, voters, window, bootstrap },
        disk,
        random.fork("wal"),
      );
      return createPaxosLog(
        { voters, directory, window, electionTimeoutMs: 200, heartbeatMs: 20, ...options },
        { transport, machine, storage, clock, random },
      );
    });
  }
}

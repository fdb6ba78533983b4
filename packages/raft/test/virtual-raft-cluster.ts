import type { StateMachine } from "@quorate/replication";
import {
  type Member as AnyMember,
  VirtualCluster,
} from "../../replication/test/virtual-cluster.ts";
import { createRaftNode, type RaftNode, type RaftOptions, WalStorage } from "../src/index.ts";

export type Member<S extends StateMachine> = AnyMember<S, RaftNode<S>>;

/** Raft nodes on a virtual clock, a network in memory, and disks in memory. */
export class VirtualRaftCluster<S extends StateMachine> extends VirtualCluster<S, RaftNode<S>> {
  constructor(size: number, createMachine: () => S, options: Partial<RaftOptions> = {}) {
    super(size, createMachine, ({ name, voters, machine, transport, disk, clock, random }) => {
      const directory = `/${name}`;
      return createRaftNode(
        { voters, directory, electionTimeoutMs: 200, heartbeatMs: 20, ...options },
        {
          transport,
          machine,
          storage: new WalStorage({ directory, nodeId: name, voters }, disk),
          clock,
          random,
        },
      );
    });
  }
}

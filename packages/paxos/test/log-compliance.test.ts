import { replicatedLogCompliance } from "@quorate/replication/compliance";
import { VirtualPaxosCluster } from "./log-virtual-cluster.ts";

replicatedLogCompliance("Multi-Paxos", ({ size, createMachine, sessions, maxCommandBytes }) =>
  new VirtualPaxosCluster(size, createMachine, { sessions, maxCommandBytes }).start(),
);

replicatedLogCompliance("Multi-Paxos on 5 nodes", ({ createMachine, sessions, maxCommandBytes }) =>
  new VirtualPaxosCluster(5, createMachine, { sessions, maxCommandBytes }).start(),
);

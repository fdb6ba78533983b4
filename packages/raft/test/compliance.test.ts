import { replicatedLogCompliance } from "@quorate/replication/compliance";
import { VirtualRaftCluster } from "./virtual-raft-cluster.ts";

replicatedLogCompliance("Raft", ({ size, createMachine, sessions, maxCommandBytes }) =>
  new VirtualRaftCluster(size, createMachine, { sessions, maxCommandBytes }).start(),
);

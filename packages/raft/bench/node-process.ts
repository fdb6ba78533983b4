import { createRaftNode } from "@quorate/raft";
import { serveBenchNode } from "./serve-bench-node.ts";

await serveBenchNode(createRaftNode);

import { serveBenchNode } from "../../raft/bench/serve-bench-node.ts";
import { createPaxosLog } from "../src/log/index.ts";

await serveBenchNode(createPaxosLog);

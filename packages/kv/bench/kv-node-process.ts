import { KvStateMachine, serveKv } from "../src/index.ts";
import { createRaftNode } from "@quorate/raft";
import { createTcpTransport } from "@quorate/transport/tcp";
import type { NodeArguments } from "../../raft/bench/process-cluster.ts";

/** One node of the store that is measured, in a process of its own. */
const { nodeId, peers, directory } = JSON.parse(process.argv[2]!) as NodeArguments;
const listen = { port: peers[nodeId]!.port };
const transport = createTcpTransport({ nodeId, clusterId: "bench", listen, peers });
await transport.start();
const machine = new KvStateMachine({ keepRevisions: 100_000 });
const node = createRaftNode({ voters: Object.keys(peers), directory }, { transport, machine });
node.onFailure((error) => {
  console.error(error);
  process.exit(1);
});
serveKv(node, transport);
await node.start();
process.on("SIGTERM", () => void node.stop().then(() => process.exit(0)));
process.send?.("ready");

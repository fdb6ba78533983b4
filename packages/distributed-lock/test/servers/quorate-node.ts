import { KvStateMachine, serveKv } from "@quorate/kv";
import { createRaftNode } from "@quorate/raft";
import { createTcpTransport } from "@quorate/transport/tcp";

/** A cluster of one node, as a process that may be killed: `quorate-node.ts PORT DIRECTORY`. */
const [port, directory] = process.argv.slice(2) as [string, string];
const options = { nodeId: "n1", clusterId: "locks", listen: { port: Number(port) }, peers: {} };
const transport = createTcpTransport(options);
const machine = new KvStateMachine({ minLeaseTtlSeconds: 1 });
const node = createRaftNode(
  { voters: ["n1"], directory, electionTimeoutMs: 200, heartbeatMs: 20 },
  { transport, machine },
);
serveKv(node, transport);
await transport.start();
await node.start();

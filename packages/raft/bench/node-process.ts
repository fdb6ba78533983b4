import { createRaftNode } from "@quorate/raft";
import { createTcpTransport } from "@quorate/transport/tcp";
import { Counter } from "./counter.ts";
import type { NodeArguments } from "./process-cluster.ts";

/*
 * One node of the cluster that is measured: answers "bench/propose" when the command is committed
 * and applied, and "bench/leader" with the leader's name.
 */
const { nodeId, peers, directory } = JSON.parse(process.argv[2]!) as NodeArguments;

const transport = createTcpTransport({
  nodeId,
  clusterId: "bench",
  listen: { port: peers[nodeId]!.port },
  peers,
});
await transport.start();
const node = createRaftNode(
  { voters: Object.keys(peers), directory },
  { transport, machine: new Counter() },
);
node.onFailure((error) => {
  console.error(error);
  process.exit(1);
});

transport.onRequest("bench/propose", async (_, command) => {
  const outcome = await node.propose(command);
  if (outcome.kind === "committed") return outcome.result;
  throw new Error(`${outcome.kind}: ${outcome.reason}`);
});
transport.onRequest("bench/read", async () => {
  await node.read((machine) => machine.applied);
  return new Uint8Array(1);
});
transport.onRequest("bench/leader", () => new TextEncoder().encode(node.status().leader ?? ""));

await node.start();
process.on("SIGTERM", () => void node.stop().then(() => process.exit(0)));
process.send?.("ready");

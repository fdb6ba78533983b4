import type { DrivenNode } from "@quorate/replication/driver";
import { createTcpTransport, type TcpTransport } from "@quorate/transport/tcp";
import { Counter } from "./counter.ts";
import type { NodeArguments } from "./process-cluster.ts";

/**
 * Runs one node of the cluster that is measured, in a process of its own: answers "bench/propose" when
 * the command is committed and applied, and "bench/leader" with the leader's name.
 */
export async function serveBenchNode(
  createNode: (
    options: { readonly voters: readonly string[]; readonly directory: string },
    parts: { readonly transport: TcpTransport; readonly machine: Counter },
  ) => DrivenNode<Counter>,
): Promise<void> {
  const { nodeId, peers, directory } = JSON.parse(process.argv[2]!) as NodeArguments;
  const transport = createTcpTransport({
    nodeId,
    clusterId: "bench",
    listen: { port: peers[nodeId]!.port },
    peers,
  });
  await transport.start();
  const voters = Object.keys(peers);
  const node = createNode({ voters, directory }, { transport, machine: new Counter() });
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
}

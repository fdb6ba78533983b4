import { createTcpTransport } from "@quorate/transport/tcp";
import type { NodeArguments } from "../../raft/bench/process-cluster.ts";
import { createRegisterNode, type RegisterOutcome } from "../src/register/index.ts";

/*
 * One node of the register that is measured. A request is a byte for the length of the key, the key,
 * and for "bench/update" the value that the key is to get.
 */
const { nodeId, peers, directory } = JSON.parse(process.argv[2]!) as NodeArguments;
const DONE = new Uint8Array(1);

const transport = createTcpTransport({
  nodeId,
  clusterId: "bench",
  listen: { port: peers[nodeId]!.port },
  peers,
});
await transport.start();
const node = createRegisterNode(
  { members: Object.keys(peers), directory, bootstrap: true },
  { transport },
);
node.onFailure((error) => {
  console.error(error);
  process.exit(1);
});

transport.onRequest("bench/update", async (_, request) => {
  const value = request.subarray(1 + request[0]!);
  return committed(await node.update(keyOf(request), () => value));
});
transport.onRequest("bench/get", async (_, request) => committed(await node.get(keyOf(request))));

await node.start();
process.on("SIGTERM", () => void node.stop().then(() => process.exit(0)));
process.send?.("ready");

function keyOf(request: Uint8Array): string {
  return Buffer.from(request.buffer, request.byteOffset + 1, request[0]).toString("latin1");
}

function committed(outcome: RegisterOutcome<unknown>): Uint8Array {
  if (outcome.kind === "committed") return DONE;
  throw new Error(`${outcome.kind}: ${outcome.reason}`);
}

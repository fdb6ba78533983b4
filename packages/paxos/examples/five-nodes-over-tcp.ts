/*
 * Five nodes over TCP, two of them down, decide what there is for dinner. Prints every message that
 * arrived, as a sequence diagram of Mermaid (https://mermaid.js.org):
 *
 *   node --conditions=@quorate/source --import @oxc-node/core/register packages/paxos/examples/five-nodes-over-tcp.ts
 */
import { subscribe } from "node:diagnostics_channel";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  createSynodNode,
  majorityQuorums,
  type Message,
  showBallot,
  type SynodNode,
} from "@quorate/paxos";
import { createTcpTransport, type TcpTransport } from "@quorate/transport/tcp";

const ALL = ["ada", "bob", "cyd", "dan", "eve"];
const UP = ["ada", "bob", "cyd"];

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

function bytes(word: string): Uint8Array {
  return new TextEncoder().encode(word);
}

function text(value: Uint8Array): string {
  return new TextDecoder().decode(value);
}

function inWords(message: Message<Uint8Array>): string {
  switch (message.type) {
    case "prepare":
      return `prepare ${showBallot(message.ballot)}`;
    case "promise": {
      const { accepted } = message;
      const found = accepted
        ? `accepted ${text(accepted.value)} before`
        : "accepted nothing before";
      return `promise ${showBallot(message.ballot)}, ${found}`;
    }
    case "accept":
    case "accepted":
      return `${message.type} ${showBallot(message.proposal.ballot)}: ${text(message.proposal.value)}`;
    case "nack":
      return `no to ${showBallot(message.ballot)}: promised ${showBallot(message.promised)}`;
    case "learn":
      return "what have you accepted?";
    case "chosen":
      return `chosen: ${text(message.value)}`;
  }
}

async function startTransports(): Promise<Map<string, TcpTransport>> {
  const transports = new Map<string, TcpTransport>();
  for (const nodeId of UP) {
    const transport = createTcpTransport({ nodeId, clusterId: "dinner", listen: { port: 0 } });
    await transport.start();
    for (const [peer, { address }] of transports) transport.addPeer(peer, address);
    transports.set(nodeId, transport);
  }
  return transports;
}

print("sequenceDiagram");
for (const name of ALL) print(`  participant ${name}`);
print("  note over dan, eve: down");
subscribe("quorate:paxos:message", (event) => {
  const { nodeId, from, message } = event as {
    readonly nodeId: string;
    readonly from: string;
    readonly message: Message<Uint8Array>;
  };
  print(`  ${from}->>${nodeId}: ${inWords(message)}`);
});

const folder = await mkdtemp(join(tmpdir(), "quorate-synod-"));
const transports = await startTransports();
const nodes = new Map<string, SynodNode>();
for (const [name, transport] of transports) {
  const options = {
    quorums: majorityQuorums(ALL),
    directory: join(folder, name),
    bootstrap: true,
  };
  const node = createSynodNode(options, { transport });
  await node.start();
  nodes.set(name, node);
}

const [first, second] = await Promise.all([
  nodes.get("ada")!.propose(bytes("noodles")),
  nodes.get("bob")!.propose(bytes("dumplings")),
]);
const third = await nodes.get("cyd")!.whenChosen();
print(`  note over ada, cyd: ${[first, second, third].map(text).join(", ")}`);

for (const node of nodes.values()) await node.stop();
for (const transport of transports.values()) await transport.stop();
await rm(folder, { recursive: true });

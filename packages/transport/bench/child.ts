/** What the benches talk to, in a process of its own: every kind of server under one roof. */
import { type AddressInfo, createServer, type Server } from "node:net";
import { WebSocketServer } from "ws";
import { Dealer, Pull } from "zeromq";
import { createTcpTransport } from "../src/tcp/index.ts";

/** Where each server listens, sent to the parent process. */
export interface BenchPorts {
  readonly transport: number;
  readonly echo: number;
  readonly sink: number;
  readonly ws: number;
  readonly zmqEcho: number;
  readonly zmqSink: number;
}

async function transportPort(): Promise<number> {
  const transport = createTcpTransport({
    nodeId: "child",
    clusterId: "bench",
    listen: { port: 0 },
  });
  let messages = 0;
  transport.onMessage("message", () => void messages++);
  transport.onRequest("messages", () => counted(messages));
  transport.onRequest("echo", (_, message) => message);
  transport.onStream("stream", async (_, stream) => {
    let bytes = 0;
    for await (const chunk of stream) bytes += chunk.length;
    await stream.write(counted(bytes));
    await stream.end();
  });
  await transport.start();
  return transport.address.port;
}

function echoPort(): Promise<number> {
  return listening(createServer({ noDelay: true }, (socket) => socket.pipe(socket)));
}

/** Answers with one byte once it has as many as the first eight bytes say. */
function sinkPort(): Promise<number> {
  return listening(
    createServer((socket) => {
      let missing = Number.NaN;
      socket.on("data", (chunk) => {
        if (Number.isNaN(missing)) missing = Number(chunk.readBigUInt64LE());
        missing -= chunk.length;
        if (missing <= 0) socket.write(Uint8Array.of(1));
      });
    }),
  );
}

/** Echoes binary frames that begin with 1, counts the others; a text frame asks for their number. */
async function wsPort(): Promise<number> {
  const server = new WebSocketServer({ host: "127.0.0.1", port: 0, perMessageDeflate: false });
  server.on("connection", (socket) => {
    let messages = 0;
    socket.on("message", (data, isBinary) => {
      if (!isBinary) socket.send(String(messages));
      else if ((data as Buffer)[0] === 1) socket.send(data);
      else messages++;
    });
  });
  await new Promise((resolve) => server.once("listening", resolve));
  return (server.address() as AddressInfo).port;
}

async function zmqEchoPort(): Promise<number> {
  const socket = new Dealer({ linger: 0 });
  await socket.bind("tcp://127.0.0.1:*");
  void (async () => {
    for await (const message of socket) await socket.send(message);
  })();
  return portOf(socket.lastEndpoint);
}

/** Tells the parent process when an empty message, the last one, has arrived. */
async function zmqSinkPort(): Promise<number> {
  const socket = new Pull({ receiveHighWaterMark: 100_000 });
  await socket.bind("tcp://127.0.0.1:*");
  void (async () => {
    for await (const [message] of socket) if (message?.length === 0) process.send?.("drained");
  })();
  return portOf(socket.lastEndpoint);
}

function listening(server: Server): Promise<number> {
  return new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () => resolve((server.address() as AddressInfo).port));
  });
}

function portOf(endpoint: string | null): number {
  return Number(endpoint?.split(":").at(-1));
}

function counted(count: number): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(count));
  return bytes;
}

process.once("disconnect", () => process.exit());
const ports: BenchPorts = {
  transport: await transportPort(),
  echo: await echoPort(),
  sink: await sinkPort(),
  ws: await wsPort(),
  zmqEcho: await zmqEchoPort(),
  zmqSink: await zmqSinkPort(),
};
process.send?.(ports);

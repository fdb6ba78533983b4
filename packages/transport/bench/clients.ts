import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { fileURLToPath } from "node:url";
import { WebSocket } from "ws";
import { Dealer, Push } from "zeromq";
import { createTcpTransport, type TcpTransport } from "../src/tcp/index.ts";
import type { BenchPorts } from "./child.ts";

/** A connection of each kind to one child process. */
export interface Clients {
  readonly child: ChildProcess;
  readonly transport: TcpTransport;
  readonly echo: Socket;
  readonly sink: () => Promise<Socket>;
  readonly ws: WebSocket;
  readonly zmqEcho: Dealer;
  readonly zmqSink: Push;
  close(): Promise<void>;
}

export async function openClients(): Promise<Clients> {
  const execArgv = ["--conditions=@quorate/source", "--import", "@oxc-node/core/register"];
  const child = fork(fileURLToPath(new URL("child.ts", import.meta.url)), { execArgv });
  const [ports] = (await once(child, "message")) as [BenchPorts];
  const host = "127.0.0.1";
  const peers = { child: { host, port: ports.transport } };
  const transport = createTcpTransport({ nodeId: "parent", clusterId: "bench", peers });
  await transport.start();
  await transport.request("child", "messages", new Uint8Array(0));
  const dial = async (port: number): Promise<Socket> => {
    const socket = connect({ host, port, noDelay: true });
    await once(socket, "connect");
    return socket;
  };
  const echo = await dial(ports.echo);
  const ws = new WebSocket(`ws://${host}:${ports.ws}`, { perMessageDeflate: false });
  await once(ws, "open");
  const zmqEcho = new Dealer({ linger: 0 });
  zmqEcho.connect(`tcp://${host}:${ports.zmqEcho}`);
  const zmqSink = new Push({ linger: 0, sendHighWaterMark: 100_000 });
  zmqSink.connect(`tcp://${host}:${ports.zmqSink}`);
  return {
    child,
    transport,
    echo,
    sink: () => dial(ports.sink),
    ws,
    zmqEcho,
    zmqSink,
    async close() {
      echo.destroy();
      ws.terminate();
      zmqEcho.close();
      zmqSink.close();
      await transport.stop();
      child.disconnect();
      await once(child, "exit");
    },
  };
}

import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";

/** Stands between clients and a server, so that their connections can be cut. */
export class CuttableProxy {
  readonly port: number;
  readonly #sockets: Set<Socket>;
  readonly #close: () => void;

  private constructor(port: number, sockets: Set<Socket>, close: () => void) {
    this.port = port;
    this.#sockets = sockets;
    this.#close = close;
  }

  static async start(serverPort: number): Promise<CuttableProxy> {
    const sockets = new Set<Socket>();
    const keep = (socket: Socket): Socket => {
      sockets.add(socket);
      socket.on("error", () => {});
      socket.on("close", () => sockets.delete(socket));
      return socket;
    };
    const listener = createServer((socket) => {
      const onward = connect(serverPort, "127.0.0.1");
      keep(socket).pipe(keep(onward)).pipe(socket);
      socket.on("close", () => onward.destroy());
      onward.on("close", () => socket.destroy());
    });
    listener.listen(0, "127.0.0.1");
    await once(listener, "listening");
    const { port } = listener.address() as AddressInfo;
    return new CuttableProxy(port, sockets, () => listener.close());
  }

  /** All connections break; new ones are let through. Returns how many there were. */
  cut(): number {
    const count = this.#sockets.size;
    for (const socket of this.#sockets) socket.destroy();
    return count;
  }

  stop(): void {
    this.#close();
    this.cut();
  }
}

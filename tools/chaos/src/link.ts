import { once } from "node:events";
import { createServer, type Server, Socket } from "node:net";
import { Pipe } from "./pipe.ts";

const HOST = "127.0.0.1";
/** Connections of one link that were not closed on both sides yet; one more is refused. */
const MAX_CONNECTIONS = 64;

/** What becomes of bytes: of those towards the dialled node, and of those back. */
export interface LinkState {
  readonly forth: "open" | "blocked";
  readonly back: "open" | "blocked";
  /** Added to each direction. */
  readonly delayMs: number;
}

export const HEALTHY: LinkState = { forth: "open", back: "open", delayMs: 0 };

/**
 * A TCP proxy between one node and a peer that it dials. A blocked direction keeps its bytes, as TCP
 * retransmits across a partition: when it is opened they arrive, late, unless the connection was given
 * up. Bytes are never reordered or dropped within a connection: TCP does not either. A new connection
 * reaches the peer once both directions are open, for its handshake needs both.
 */
export class Link {
  readonly #server: Server;
  readonly #target: number;
  readonly #sockets = new Set<Socket>();
  readonly #pipes = new Set<Pipe>();
  /** Dial the peer for connections that were accepted while a direction was blocked. */
  readonly #undialled = new Set<() => void>();
  #state = HEALTHY;

  private constructor(server: Server, target: number) {
    this.#server = server;
    this.#target = target;
    server.maxConnections = MAX_CONNECTIONS;
    server.on("connection", (near: Socket) => this.#accept(near));
  }

  /** Listens on a free port of 127.0.0.1; dials `target` there for each connection. */
  static async listen(target: number): Promise<Link> {
    const server = createServer();
    await once(server.listen(0, HOST), "listening");
    return new Link(server, target);
  }

  get port(): number {
    return (this.#server.address() as { readonly port: number }).port;
  }

  set state(state: LinkState) {
    this.#state = state;
    for (const pipe of this.#pipes) pipe.flush();
    if (this.#isOpen) for (const dial of this.#undialled) dial();
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, "close");
  }

  get #isOpen(): boolean {
    return this.#state.forth === "open" && this.#state.back === "open";
  }

  #accept(near: Socket): void {
    const far = new Socket();
    let isDialled = false;
    const lag = (way: "forth" | "back") => () =>
      isDialled && this.#state[way] === "open" ? this.#state.delayMs : undefined;
    const forth = new Pipe(near, far, lag("forth"));
    const back = new Pipe(far, near, lag("back"));
    const dial = (): void => {
      isDialled = true;
      this.#undialled.delete(dial);
      far.connect(this.#target, HOST);
      forth.flush();
    };
    this.#undialled.add(dial);
    this.#pipes.add(forth).add(back);
    this.#keep(near, () => {
      if (this.#undialled.delete(dial)) far.destroy(); // given up before the peer heard of it
    });
    this.#keep(far, () => {});
    const part = (): void => {
      if (!near.destroyed || !far.destroyed) return;
      this.#pipes.delete(forth);
      this.#pipes.delete(back);
    };
    near.on("close", part);
    far.on("close", part);
    if (this.#isOpen) dial();
  }

  #keep(socket: Socket, onClose: () => void): void {
    socket.setNoDelay(true);
    socket.on("error", () => {}); // "close" follows
    this.#sockets.add(socket);
    socket.on("close", () => {
      this.#sockets.delete(socket);
      onClose();
    });
  }
}

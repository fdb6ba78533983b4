import { once } from "node:events";
import { connect, createServer, type Server, type Socket } from "node:net";
import { systemClock } from "@quorate/runtime";

const HOST = "127.0.0.1";
/** Held back in one direction of a connection; then its sender is no longer read from. */
const MAX_HELD_BYTES = 1_024 * 1_024;

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
 * up. Bytes are never reordered or dropped within a connection: TCP does not either.
 */
export class Link {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #pipes = new Set<Pipe>();
  #state = HEALTHY;

  private constructor(server: Server, target: number) {
    this.#server = server;
    server.on("connection", (near: Socket) => this.#join(near, target));
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
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, "close");
  }

  #join(near: Socket, target: number): void {
    const far = connect(target, HOST);
    for (const socket of [near, far]) {
      socket.setNoDelay(true);
      socket.on("error", () => {});
      this.#sockets.add(socket);
    }
    const forth = new Pipe(near, far, () => lag(this.#state.forth, this.#state.delayMs));
    const back = new Pipe(far, near, () => lag(this.#state.back, this.#state.delayMs));
    this.#pipes.add(forth).add(back);
    const part = (): void => {
      near.destroy();
      far.destroy();
      this.#sockets.delete(near);
      this.#sockets.delete(far);
      this.#pipes.delete(forth);
      this.#pipes.delete(back);
    };
    near.on("close", part);
    far.on("close", part);
  }
}

/** How long bytes wait; undefined: until further notice. */
function lag(way: "open" | "blocked", delayMs: number): number | undefined {
  return way === "open" ? delayMs : undefined;
}

interface Held {
  readonly bytes: Buffer;
  readonly arrivedMs: number;
}

/** One direction of a connection: first in, first out. */
class Pipe {
  readonly #from: Socket;
  readonly #to: Socket;
  readonly #lag: () => number | undefined;
  readonly #held: Held[] = [];
  #heldBytes = 0;

  constructor(from: Socket, to: Socket, currentLag: () => number | undefined) {
    this.#from = from;
    this.#to = to;
    this.#lag = currentLag;
    from.on("data", (bytes: Buffer) => this.#hold(bytes));
  }

  /** Passes on what is due. */
  flush(): void {
    const lagMs = this.#lag();
    if (lagMs === undefined || this.#to.destroyed) return;
    const dueMs = systemClock.now() - lagMs;
    while (this.#held.length > 0 && this.#held[0]!.arrivedMs <= dueMs) {
      const { bytes } = this.#held.shift()!;
      this.#heldBytes -= bytes.length;
      this.#to.write(bytes);
    }
    const [first] = this.#held;
    if (first) systemClock.setTimer(Math.max(1, first.arrivedMs - dueMs), () => this.flush());
    if (this.#heldBytes < MAX_HELD_BYTES) this.#from.resume();
  }

  #hold(bytes: Buffer): void {
    this.#held.push({ bytes, arrivedMs: systemClock.now() });
    this.#heldBytes += bytes.length;
    if (this.#heldBytes >= MAX_HELD_BYTES) this.#from.pause();
    // A timer waits for the first of several already.
    if (this.#held.length === 1) this.flush();
  }
}

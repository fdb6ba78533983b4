import type { AddressInfo, Server, Socket } from "node:net";
import type { Clock } from "@quorate/runtime";
import { TransportError } from "../transport-error.ts";
import { refusedChannel, violationChannel } from "./diagnostics.ts";
import { type Identity, readGreeting } from "./handshake.ts";
import { Incoming } from "./incoming.ts";
import type { TcpAddress } from "./options.ts";
import { createListener } from "./sockets.ts";

/** Listens, and lets in whoever greets properly. */
export class Acceptor {
  readonly #identity: Identity;
  readonly #clock: Clock;
  readonly #onIncoming: (incoming: Incoming) => void;
  readonly #server: Server;
  /** Raw connections: with TLS those whose encryption is still being negotiated, too. */
  readonly #sockets = new Set<Socket>();
  /** How many of them greeted. */
  #greetings = 0;

  constructor(identity: Identity, clock: Clock, onIncoming: (incoming: Incoming) => void) {
    const { tls, handshakeTimeoutMs } = identity.options;
    this.#identity = identity;
    this.#clock = clock;
    this.#onIncoming = onIncoming;
    this.#server = createListener(tls, handshakeTimeoutMs, (socket) => this.#welcome(socket));
    this.#server.on("connection", (socket: Socket) => {
      this.#sockets.add(socket);
      socket.once("close", () => this.#sockets.delete(socket));
      this.#limitHandshakes(socket);
    });
    this.#server.on("tlsClientError", (error: Error) => {
      this.#publish(refusedChannel, `TLS failed: ${error.message}`);
    });
  }

  get address(): TcpAddress {
    const { address, port } = this.#server.address() as AddressInfo;
    return { host: address, port };
  }

  listen({ host, port }: TcpAddress): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#server.once("error", (cause: NodeJS.ErrnoException) => {
        const message = `cannot listen on ${host}:${port}: ${cause.message}`;
        const code = cause.code === "EADDRINUSE" ? "address-in-use" : "invalid-option";
        reject(new TransportError(code, message, { cause }));
      });
      this.#server.listen({ host, port }, () => {
        this.#server.removeAllListeners("error").on("error", () => {}); // of single connections
        resolve();
      });
    });
  }

  /** Resolves when nobody is connected any more. */
  close(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.close(() => resolve());
      for (const socket of this.#sockets) socket.destroy();
    });
  }

  #welcome(socket: Socket): void {
    const { handshakeTimeoutMs } = this.#identity.options;
    socket.on("error", () => {}); // `close` follows
    const late = `no greeting within ${handshakeTimeoutMs} ms`;
    const timer = this.#clock.setTimer(handshakeTimeoutMs, () => socket.destroy(new Error(late)));
    readGreeting(
      socket,
      (remote, rest) => {
        timer.cancel();
        this.#greetings++;
        socket.once("close", () => this.#greetings--);
        if ("refused" in remote) socket.destroy();
        else this.#greeted(new Incoming(socket, remote, rest, this.#identity, this.#clock));
      },
      (error) => {
        timer.cancel();
        socket.destroy();
        if (error.code === "protocol-violation") this.#publish(violationChannel, error.message);
      },
    );
  }

  #limitHandshakes(newcomer: Socket): void {
    const others = this.#sockets.size - this.#greetings - 1;
    if (others < this.#identity.options.maxHandshakes) return;
    this.#publish(refusedChannel, `${others} handshakes are under way already`);
    newcomer.destroy();
  }

  #greeted(incoming: Incoming): void {
    const objection = this.#identity.objection(incoming.remote, incoming.socket);
    if (objection === undefined) {
      this.#onIncoming(incoming);
    } else {
      incoming.refuse(objection, false);
      this.#publish(refusedChannel, objection, incoming.remote.from);
    }
  }

  #publish(channel: typeof refusedChannel, reason: string, peer?: string): void {
    if (!channel.hasSubscribers) return;
    channel.publish({ nodeId: this.#identity.options.nodeId, peer, reason });
  }
}
